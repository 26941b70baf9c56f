// Answers what Flux's kustomize-controller makes of files and a Kustomization, one JSON request per line.
//
// It calls the packages that the controller calls, in the controller's order: the generator that edits or writes
// kustomization.yaml, the build inside the root, the substitution per resource, and the reading of the result.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	"github.com/fluxcd/pkg/ssa/normalize"
	ssautil "github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type request struct {
	Files map[string]string `json:"files"`
	// Root is a folder to build in, instead of files; it is left as it was.
	Root          string                 `json:"root"`
	Path          string                 `json:"path"`
	Kustomization map[string]interface{} `json:"kustomization"`
	// GenerateOnly stops once the kustomization file is made.
	GenerateOnly bool `json:"generateOnly"`
}

type response struct {
	YAML    string                   `json:"yaml"`
	Digest  string                   `json:"digest"`
	Objects []map[string]interface{} `json:"objects"`
	// Sent is what the controller applies: each object through Go's types.
	Sent      []map[string]interface{} `json:"sent"`
	Generated string                   `json:"generated"`
	Error     string                   `json:"error,omitempty"`
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(make([]byte, 0, 1<<20), 256<<20)
	writer := bufio.NewWriter(os.Stdout)
	for scanner.Scan() {
		var req request
		var res response
		if err := json.Unmarshal(scanner.Bytes(), &req); err != nil {
			res.Error = "request: " + err.Error()
		} else if err := answer(req, &res); err != nil {
			res.Error = err.Error()
		}
		line, err := json.Marshal(res)
		if err != nil {
			line, _ = json.Marshal(response{Error: "response: " + err.Error()})
		}
		writer.Write(append(line, '\n'))
		writer.Flush()
	}
	if err := scanner.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(req request, res *response) error {
	root := req.Root
	if root == "" {
		var err error
		if root, err = os.MkdirTemp("", "oracle-"); err != nil {
			return err
		}
		defer os.RemoveAll(root)
		if err := writeFiles(root, req.Files); err != nil {
			return err
		}
	}
	dir := filepath.Join(root, filepath.Clean("/"+req.Path))
	if _, err := os.Stat(dir); err != nil {
		return clean(root, fmt.Errorf("kustomization path not found: %w", err))
	}
	defer restore(dir)()
	object := unstructured.Unstructured{Object: req.Kustomization}
	if _, err := kustomize.NewGenerator(root, object).WriteFile(dir); err != nil {
		return clean(root, err)
	}
	for _, name := range names {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			res.Generated = string(text)
			break
		}
	}
	if req.GenerateOnly {
		return nil
	}
	text, err := build(root, dir, object)
	if err != nil {
		return clean(root, err)
	}
	objects, err := ssautil.ReadObjects(bytes.NewReader(text))
	if err != nil {
		return clean(root, err)
	}
	res.YAML = string(text)
	res.Digest = fmt.Sprintf("sha256:%x", sha256.Sum256(text))
	for _, object := range objects {
		res.Objects = append(res.Objects, object.DeepCopy().Object)
	}
	if err := normalize.UnstructuredList(objects); err != nil {
		return clean(root, err)
	}
	for _, object := range objects {
		res.Sent = append(res.Sent, object.Object)
	}
	return nil
}

var names = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// restore remembers the kustomization files of a folder; what it returns puts them back as they were.
func restore(dir string) func() {
	before := map[string][]byte{}
	for _, name := range names {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			before[name] = text
		}
	}
	return func() {
		for _, name := range names {
			if text, ok := before[name]; ok {
				os.WriteFile(filepath.Join(dir, name), text, 0o644)
			} else {
				os.Remove(filepath.Join(dir, name))
			}
		}
	}
}

func build(root, dir string, object unstructured.Unstructured) ([]byte, error) {
	resources, err := kustomize.SecureBuild(root, dir, false)
	if err != nil {
		return nil, fmt.Errorf("kustomize build failed: %w", err)
	}
	postBuild, substitutes, err := unstructured.NestedMap(object.Object, "spec", "postBuild")
	if err != nil {
		return nil, err
	}
	for _, resource := range resources.Resources() {
		if resource.GetName() == "" || resource.GetKind() == "" || resource.GetApiVersion() == "" {
			return nil, fmt.Errorf("failed to decode Kubernetes apiVersion, kind and name from: %v", resource.String())
		}
		if !substitutes {
			continue
		}
		out, err := kustomize.SubstituteVariables(context.Background(), nil, object, resource,
			kustomize.SubstituteWithDryRun(true),
			kustomize.SubstituteWithStrict(true),
			kustomize.SubstituteWithAlways(postBuild["substituteStrategy"] == "Always"))
		if err != nil {
			return nil, fmt.Errorf("post build failed for '%s/%s': %w", resource.GetGvk(), resource.GetName(), err)
		}
		if out == nil {
			continue
		}
		if _, err := resources.Replace(resource); err != nil {
			return nil, err
		}
	}
	return resources.AsYaml()
}

func writeFiles(root string, files map[string]string) error {
	for name, content := range files {
		file := filepath.Join(root, filepath.Clean("/"+name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// clean takes the temporary folder out of a message.
func clean(root string, err error) error {
	return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), root, ""))
}
