package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert/yaml"
	"github.com/stretchr/testify/require"
	"millrace/properties/command"
	"millrace/properties/proxy"
)

// job is what is looked at of the manifest; .ci/run compares all of it with the types of Kubernetes.
type job struct {
	APIVersion, Kind string
	Spec             struct {
		CompletionMode           string `yaml:"completionMode"`
		Completions, Parallelism int
		Template                 struct {
			Spec struct {
				RestartPolicy string `yaml:"restartPolicy"`
				Containers    []struct {
					Args         []string
					VolumeMounts []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
					} `yaml:"volumeMounts"`
				}
				Volumes []struct{ Name string }
			}
		}
	}
}

// TestTheJobRunsAllShards: as many as it says to soak, which accepts the call, and their
// results end up in a volume.
func TestTheJobRunsAllShards(t *testing.T) {
	text, err := os.ReadFile("job.yaml")
	require.NoError(t, err)
	var j job
	require.NoError(t, yaml.Unmarshal(text, &j))
	spec, pod := j.Spec, j.Spec.Template.Spec
	require.Equal(t, "Job Indexed Never", strings.Join([]string{j.Kind, spec.CompletionMode, pod.RestartPolicy}, " "))
	require.Len(t, pod.Containers, 1)
	c := pod.Containers[0]
	require.Contains(t, c.Args, fmt.Sprintf("-shard=/%d", spec.Completions))
	require.LessOrEqual(t, spec.Parallelism, spec.Completions)
	require.Len(t, c.VolumeMounts, 1)
	require.Contains(t, c.Args, "-o="+c.VolumeMounts[0].MountPath)
	require.Equal(t, pod.Volumes[0].Name, c.VolumeMounts[0].Name)

	// The call is right if nothing is wrong with it but that no engine has started it, and that
	// this build may not know its commit.
	at := slices.Index(c.Args, "-seed=commit")
	require.GreaterOrEqual(t, at, 0)
	c.Args[at] = "-seed=1"
	var out, errs strings.Builder
	t.Setenv("JOB_COMPLETION_INDEX", "")
	command.Soak(proxy.Program, c.Args, &out, &errs)
	require.Contains(t, errs.String(), fmt.Sprintf("soak: -shard /%d: no engine says", spec.Completions))
}
