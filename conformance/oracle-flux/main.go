// Answers questions about health and substitution with Flux's own libraries: one JSON request per line in, one JSON
// answer per line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/envsubst"
	generator "github.com/fluxcd/pkg/kustomize"
	"github.com/fluxcd/pkg/runtime/statusreaders"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/provider"
)

type request struct {
	Op     string            `json:"op"`
	Input  []byte            `json:"input"`
	Vars   map[string]string `json:"vars"`
	Strict bool              `json:"strict"`
	Always bool              `json:"always"`
}

type answer struct {
	Output []byte `json:"output"`
	Error  string `json:"error,omitempty"`
}

// health is what Flux's status readers compute for one object, its Pods left aside.
func health(input []byte) ([]byte, error) {
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(input); err != nil {
		return nil, err
	}
	kind := object.GroupVersionKind().GroupKind()
	if kind.Group == "batch" && kind.Kind == "Job" {
		result := statusreaders.ComputeJobStatus(object)
		return json.Marshal([]string{string(result.Status), result.Message})
	}
	result, err := status.Compute(object)
	if err != nil {
		return json.Marshal([]string{string(status.UnknownStatus), err.Error()})
	}
	return json.Marshal([]string{string(result.Status), result.Message})
}

func evaluate(r request) ([]byte, error) {
	out, err := envsubst.Eval(string(r.Input), func(name string) (string, bool) {
		value, exists := r.Vars[name]
		return value, exists || !r.Strict
	})
	return []byte(out), err
}

// substitute runs Flux's post-build step on one object, given as YAML, without a cluster.
func substitute(r request) ([]byte, error) {
	resources, err := provider.NewDefaultDepProvider().GetResourceFactory().SliceFromBytes(r.Input)
	if err != nil {
		return nil, err
	}
	vars := map[string]any{}
	for name, value := range r.Vars {
		vars[name] = value
	}
	kustomization := unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"postBuild": map[string]any{"substitute": vars}},
	}}
	res := resources[0]
	out, err := generator.SubstituteVariables(context.Background(), nil, kustomization, res,
		generator.SubstituteWithDryRun(true), generator.SubstituteWithStrict(r.Strict), generator.SubstituteWithAlways(r.Always))
	if err != nil {
		return nil, fmt.Errorf("post build failed for '%s/%s': %w", res.GetGvk(), res.GetName(), err)
	}
	if out == nil {
		return res.MarshalJSON()
	}
	return out.MarshalJSON()
}

func perform(r request) (out []byte, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			out, err = nil, fmt.Errorf("panic: %v", caught)
		}
	}()
	switch r.Op {
	case "health":
		return health(r.Input)
	case "evaluate":
		return evaluate(r)
	case "substitute":
		return substitute(r)
	}
	return nil, fmt.Errorf("unknown op %q", r.Op)
}

func main() {
	reader := bufio.NewReaderSize(os.Stdin, 1<<20)
	writer := bufio.NewWriter(os.Stdout)
	defer writer.Flush()
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			var r request
			var a answer
			if e := json.Unmarshal(line, &r); e != nil {
				a.Error = e.Error()
			} else if out, e := perform(r); e != nil {
				a.Error = e.Error()
			} else {
				a.Output = out
			}
			text, _ := json.Marshal(a)
			writer.Write(append(text, '\n'))
		}
		if err != nil {
			return
		}
	}
}
