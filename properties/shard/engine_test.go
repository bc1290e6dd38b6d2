package shard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// which answers for an environment, written as a shell does.
func which(flag, environment string) string {
	set := map[string]string{}
	for _, v := range strings.Fields(environment) {
		name, value, _ := strings.Cut(v, "=")
		set[name] = value
	}
	k, n, err := Which(flag, func(name string) string { return set[name] })
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d/%d", k, n)
}

func TestAnEngineSaysWhichShardItIs(t *testing.T) {
	for _, c := range [][3]string{
		{"", "", "0/0"},
		{"3/8", "", "3/8"},
		{"", "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_STEP=1", "8/8"},
		{"", "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=8", "1/8"},
		{"", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_STEP=2", "3/4"},
		{"/8", "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8", "8/8"},
		{"/8", "JOB_COMPLETION_INDEX=0", "1/8"},
		{"/8", "JOB_COMPLETION_INDEX=7", "8/8"},
		{"/1", "JOB_COMPLETION_INDEX=0", "1/1"},
		{"", "AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=10", "3/10"},
		{"", "BATCH_TASK_INDEX=2 BATCH_TASK_COUNT=10", "3/10"},
		{"", "CLOUD_RUN_TASK_INDEX=9 CLOUD_RUN_TASK_COUNT=10", "10/10"},
		{"", "CLOUD_RUN_TASK_INDEX=0 CLOUD_RUN_TASK_COUNT=1", "0/0"},
	} {
		require.Equal(t, c[2], which(c[0], c[1]), "%q, %s", c[0], c[1])
	}
}

func TestAnExplicitFlagWins(t *testing.T) {
	require.Equal(t, "2/3", which("2/3", "JOB_COMPLETION_INDEX=7"))
	require.Equal(t, "2/3", which("2/3", "SLURM_ARRAY_TASK_ID=7 CLOUD_RUN_TASK_INDEX=much"))
}

func TestAnEnvironmentThatIsHalfSetIsAClearError(t *testing.T) {
	for _, c := range [][3]string{
		{"", "JOB_COMPLETION_INDEX=3", "Kubernetes sets JOB_COMPLETION_INDEX, and not how many tasks there are: say it with -shard /N"},
		{"", "AWS_BATCH_JOB_ARRAY_INDEX=3", "AWS Batch sets AWS_BATCH_JOB_ARRAY_INDEX, and not how many tasks there are: say it with -shard /N"},
		{"", "CLOUD_RUN_TASK_COUNT=3", `Cloud Run sets CLOUD_RUN_TASK_INDEX to "": expected a number; -shard K/N says it otherwise`},
		{"", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=8", `Slurm sets SLURM_ARRAY_TASK_MIN to "": expected a number; -shard K/N says it otherwise`},
		{"", "BATCH_TASK_INDEX=some BATCH_TASK_COUNT=8", `Google Cloud Batch sets BATCH_TASK_INDEX to "some": expected a number; -shard K/N says it otherwise`},
		{"", "BATCH_TASK_INDEX=8 BATCH_TASK_COUNT=8", "Google Cloud Batch: expected a shard from 1 to 8, found 9"},
		{"/9", "BATCH_TASK_INDEX=1 BATCH_TASK_COUNT=8", "-shard /9: Google Cloud Batch says that there are 8 tasks"},
		{"/8", "", "-shard /8: no engine says in the environment which one this is: expected K/N"},
		{"/8", "BATCH_TASK_INDEX=1 JOB_COMPLETION_INDEX=3", "Kubernetes and Google Cloud Batch both say which task this is: say it with -shard K/N"},
		{"3", "", "-shard 3: expected K/N, or /N where an engine says which one it is"},
		{"3/", "", `-shard 3/: expected K/N, found "" for a number`},
		{"x/3", "", `-shard x/3: expected K/N, found "x" for a number`},
		{"0/3", "", "-shard 0/3: expected a shard from 1 to 3, found 0"},
		{"1/0", "", "-shard 1/0: expected 1 to 1000000 shards, found 0"},
	} {
		require.Equal(t, c[2], which(c[0], c[1]), "%q, %s", c[0], c[1])
	}
}

// TestAPartOfAnArrayIsNoArray: tasks that are submitted again, alone, would be other shards.
func TestAPartOfAnArrayIsNoArray(t *testing.T) {
	for _, env := range []string{
		"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=5 SLURM_ARRAY_TASK_COUNT=2",
		"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=5 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_STEP=1",
		"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=5 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_STEP=1",
	} {
		require.Contains(t, which("", env), "the numbers of Slurm do not go from 0 or 1 up in equal steps")
		require.Equal(t, "3/8", which("3/8", env))
	}
}
