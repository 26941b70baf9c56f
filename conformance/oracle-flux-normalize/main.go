// Answers what Flux sends for an object: one JSON object a line in, one a line out, normalised by fluxcd/pkg/ssa.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/ssa/normalize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
)

const maxLine = 64 << 20

type answer struct {
	Object map[string]interface{} `json:"object,omitempty"`
	Error  string                 `json:"error,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, maxLine)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		line, err := json.Marshal(normalized(in.Bytes()))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := out.Flush(); err != nil {
		os.Exit(1)
	}
}

func normalized(line []byte) answer {
	object := &unstructured.Unstructured{}
	if err := json.Unmarshal(line, &object.Object); err != nil {
		return answer{Error: err.Error()}
	}
	if err := normalize.UnstructuredList([]*unstructured.Unstructured{object}); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Object: object.Object}
}
