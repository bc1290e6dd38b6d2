// Manifest checks that files are Jobs of Kubernetes, with no field that its own types do not
// have.
package main

import (
	"fmt"
	"os"

	batch "k8s.io/api/batch/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func check(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var job batch.Job
	if err := yaml.UnmarshalStrict(text, &job); err != nil {
		return err
	}
	if job.APIVersion != batch.SchemeGroupVersion.String() || job.Kind != "Job" {
		return fmt.Errorf("it is a %s of %s, and no Job of %s", job.Kind, job.APIVersion, batch.SchemeGroupVersion)
	}
	return nil
}
