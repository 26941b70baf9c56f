// Builds kustomizations with the real library in one warm process: reads lines `restrictor<TAB>directory`, answers
// each with one JSON line {"ms": n, "bytes": n, "error": "..."}; with -output also the YAML. Before and
// after a directory with `<TAB>reset` it forgets the OpenAPI documents it has read, which it would otherwise keep.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

type answer struct {
	Ms     float64 `json:"ms"`
	Bytes  int     `json:"bytes"`
	Error  string  `json:"error,omitempty"`
	Output string  `json:"output,omitempty"`
}

func build(restrictor, directory string) (yaml []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	if restrictor == "LoadRestrictionsNone" {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	m, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), directory)
	if err != nil {
		return nil, err
	}
	return m.AsYaml()
}

func main() {
	withOutput := flag.Bool("output", false, "include the YAML in the answers")
	flag.Parse()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<16), 1<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		restrictor, rest, _ := strings.Cut(in.Text(), "\t")
		directory, mode, _ := strings.Cut(rest, "\t")
		if mode == "reset" {
			openapi.ResetOpenAPI()
		}
		start := time.Now()
		yaml, err := build(restrictor, directory)
		a := answer{Ms: float64(time.Since(start).Microseconds()) / 1000, Bytes: len(yaml)}
		if err != nil {
			a.Error = err.Error()
		} else if *withOutput {
			a.Output = string(yaml)
		}
		if mode == "reset" {
			openapi.ResetOpenAPI()
		}
		if err := out.Encode(a); err != nil {
			os.Exit(1)
		}
	}
}
