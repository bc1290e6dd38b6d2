package core

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/bits"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// constant is one named bit of a file's source.
type constant struct {
	name string
	bit  int
}

// namedBits returns the constants of a type in a file, each of which stands for
// one bit: a literal, or 1 << iota.
func namedBits(t *testing.T, file, typ string) (all []constant) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	for _, decl := range parsed.Decls {
		block, ok := decl.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		ours := false
		var value ast.Expr
		for i, spec := range block.Specs {
			line := spec.(*ast.ValueSpec)
			if len(line.Values) > 0 { // otherwise it is as the line before
				ident, ok := line.Type.(*ast.Ident)
				ours, value = ok && ident.Name == typ, line.Values[0]
			}
			bit := i
			if lit, ok := value.(*ast.BasicLit); ok {
				n, err := strconv.ParseUint(lit.Value, 0, 32)
				require.NoError(t, err)
				require.Equal(t, 1, bits.OnesCount64(n), "%s is not one bit", line.Names[0].Name)
				bit = bits.TrailingZeros64(n)
			}
			if ours {
				all = append(all, constant{line.Names[0].Name, bit})
			}
		}
	}
	return all
}

func TestEveryBitHasANameAndNoNameIsWithoutABit(t *testing.T) {
	for _, set := range []struct {
		file, typ, prefix string
		names             []string
	}{
		{"connflags.go", "ConnFlags", "Conn", connFlagNames},
		{"events.go", "Events", "Ev", eventNames},
		{"events.go", "Wish", "", wishNames},
	} {
		var want, got []string
		for _, c := range namedBits(t, set.file, set.typ) {
			want = append(want, strconv.Itoa(c.bit)+" "+strings.ToUpper(strings.TrimPrefix(c.name, set.prefix)))
		}
		for bit, name := range set.names {
			if name != "" {
				got = append(got, strconv.Itoa(bit)+" "+strings.ReplaceAll(name, "_", ""))
			}
		}
		require.NotEmpty(t, want)
		require.Equal(t, want, got, set.typ)
	}
}

func TestFlagsPrintAsNamesAndParseBack(t *testing.T) {
	for _, c := range []struct{ want, got string }{
		{"-", ConnFlags(0).String()},
		{"ERROR|WAIT_L4", (ConnWaitL4 | ConnError).String()},
		{"PROXY_IN|PROXY_OUT|TLS", ConnHandshake.String()},
		{"bit15", ConnFlags(1 << 15).String()},
		{"bit2", Wish(4).String()},
		{"IN|PRI|OUT|RDHUP", (EvIn | EvPri | EvOut | EvRdHup).String()},
		{"IN|bit6", (EvIn | 1<<6).String()},
		{"R|W", RW.String()},
		{"W", W.String()},
	} {
		require.Equal(t, c.want, c.got)
	}
	rapid.Check(t, func(t *rapid.T) {
		var named uint32
		for bit, name := range eventNames {
			if name != "" {
				named |= 1 << bit
			}
		}
		set := Events(rapid.Uint32().Draw(t, "set") & named)
		back, ok := ParseEvents(set.String())
		require.True(t, ok)
		require.Equal(t, set, back)
	})
}

func TestWhatIsNoFlagDoesNotParse(t *testing.T) {
	for _, s := range []string{"", "in", "IN|", "|IN", "IN OUT", "bit6", "IN|-", "ERROR"} {
		_, ok := ParseEvents(s)
		require.False(t, ok, "%q", s)
	}
}

func TestErrnoPrintsAndParsesBack(t *testing.T) {
	names := map[string]bool{}
	for i := range 1 << 16 {
		e := Errno(i)
		require.False(t, names[e.String()], "two errors are called %v", e)
		names[e.String()] = true
		back, ok := ParseErrno(e.String())
		require.True(t, ok, "%v", e)
		require.Equal(t, e, back)
	}
	require.Equal(t, "OK", Errno(0).String())
	require.Equal(t, "EAGAIN", Errno(11).String())
	require.Equal(t, "errno(3)", Errno(3).String())
	for _, s := range []string{"", "eagain", "errno()", "errno(11)", "errno(x)", "errno(65536)", "errno(-1)", "errno(01)", "errno(1"} {
		_, ok := ParseErrno(s)
		require.False(t, ok, "%q", s)
	}
}

func TestOnlyThisMachinesShortagesAreExhaustion(t *testing.T) {
	var got []string
	for _, c := range errnoNames {
		if c.e.Exhausted() {
			got = append(got, c.name)
		}
	}
	require.Equal(t, []string{"ENOMEM", "ENFILE", "EMFILE", "ENOBUFS"}, got)
}

func TestAKeyIsAGenerationAndANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen, num := rapid.Uint32().Draw(t, "gen"), rapid.Int32Min(0).Draw(t, "num")
		d := &Desc{gen: gen, num: num}
		require.Equal(t, gen, d.Key().Gen())
		require.EqualValues(t, num, d.Key().Num())
	})
}

func TestABreachSaysWhichInvariantAndWhere(t *testing.T) {
	BugOn(false, "I00", "test", "no bug")
	require.PanicsWithError(t, "I43 conn: bound twice", func() { BugOn(true, "I43", "conn", "bound twice") })
}
