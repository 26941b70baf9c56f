// Command manage answers scripts of applies and updates with Kubernetes' own field manager, one JSON line per script.
//
// A line in: {"schema": <openAPIV3Schema of a CRD, optional>, "gvk": [group, version, kind], "steps": [{"op": "apply" |
// "update", "manager": "...", "subresource": "...", "force": true, "object": {...}}]}.
// A line out: a list with one answer per step: {"object": {...}} or {"error": "...", "conflicts": [[message, field]]}.
// An update's object is stored as sent; nothing is defaulted, so that only ownership and merging are compared.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"log"
	"os"
	"path/filepath"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

type step struct {
	Op, Manager, Subresource string
	Force                    bool
	Object                   map[string]any
}

type script struct {
	Schema *spec.Schema
	GVK    [3]string
	Steps  []step
}

type answer struct {
	Object    map[string]any `json:"object,omitempty"`
	Error     string         `json:"error,omitempty"`
	Conflicts [][2]string    `json:"conflicts,omitempty"`
}

type same struct{}

func (same) Convert(in, out, _ any) error { return errors.New("not converted") }
func (same) ConvertToVersion(in runtime.Object, _ runtime.GroupVersioner) (runtime.Object, error) {
	return in, nil
}
func (same) ConvertFieldLabel(_ schema.GroupVersionKind, label, value string) (string, string, error) {
	return label, value, nil
}
func (same) Default(runtime.Object) {}
func (same) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(kind)
	return u, nil
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: manage <folder with OpenAPI v3 documents>")
	}
	models := readModels(os.Args[1])
	builtin, err := managedfields.NewTypeConverter(models, false)
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var s script
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			log.Fatal(err)
		}
		converter := builtin
		if s.Schema != nil {
			converter = customConverter(models, s)
		}
		if err := out.Encode(run(s, converter)); err != nil {
			log.Fatal(err)
		}
	}
}

func readModels(folder string) map[string]*spec.Schema {
	models := map[string]*spec.Schema{}
	files, _ := filepath.Glob(filepath.Join(folder, "*_v[0-9]_openapi.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		var document struct {
			Components struct{ Schemas map[string]*spec.Schema }
		}
		if err := json.Unmarshal(text, &document); err != nil {
			log.Fatal(err)
		}
		for name, model := range document.Components.Schemas {
			models[name] = model
		}
	}
	if len(models) == 0 {
		log.Fatalf("no OpenAPI documents in %s", folder)
	}
	return models
}

func customConverter(models map[string]*spec.Schema, s script) managedfields.TypeConverter {
	metadata := spec.RefSchema("#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
	if s.Schema.Properties == nil {
		s.Schema.Properties = map[string]spec.Schema{}
	}
	s.Schema.Properties["metadata"] = *metadata
	s.Schema.Properties["apiVersion"] = *spec.StringProperty()
	s.Schema.Properties["kind"] = *spec.StringProperty()
	s.Schema.AddExtension("x-kubernetes-group-version-kind", []any{
		map[string]any{"group": s.GVK[0], "version": s.GVK[1], "kind": s.GVK[2]}})
	all := map[string]*spec.Schema{"custom": s.Schema}
	for name, model := range models {
		if name == "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" || len(name) > 40 && name[:35] == "io.k8s.apimachinery.pkg.apis.meta.v" {
			all[name] = model
		}
	}
	converter, err := managedfields.NewTypeConverter(all, false)
	if err != nil {
		log.Fatal(err)
	}
	return converter
}

func run(s script, converter managedfields.TypeConverter) []answer {
	gvk := schema.GroupVersionKind{Group: s.GVK[0], Version: s.GVK[1], Kind: s.GVK[2]}
	live, _ := same{}.New(gvk)
	var answers []answer
	for _, step := range s.Steps {
		manager, err := managedfields.NewDefaultFieldManager(converter, same{}, same{}, same{}, gvk, gvk.GroupVersion(),
			step.Subresource, nil)
		if err != nil {
			log.Fatal(err)
		}
		object := &unstructured.Unstructured{Object: step.Object}
		var next runtime.Object
		if step.Op == "apply" {
			next, err = manager.Apply(live, object, step.Manager, step.Force)
		} else {
			next, err = manager.Update(live, object, step.Manager)
		}
		if err != nil {
			answers = append(answers, failure(err))
			continue
		}
		stored := next.(*unstructured.Unstructured)
		if stored.GetUID() == "" {
			stored = stored.DeepCopy()
			stored.SetUID("1")
		}
		live = stored
		answers = append(answers, answer{Object: stored.DeepCopy().Object})
	}
	return answers
}

func failure(err error) answer {
	out := answer{Error: err.Error()}
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil {
		for _, cause := range status.ErrStatus.Details.Causes {
			out.Conflicts = append(out.Conflicts, [2]string{cause.Message, cause.Field})
		}
	}
	return out
}
