// Answers questions about YAML with the real Go libraries: one JSON request per line in, one JSON answer per line out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"time"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/kio"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	sigs "sigs.k8s.io/yaml"
)

type request struct {
	Op    string `json:"op"`
	Input []byte `json:"input"`
}

type answer struct {
	Output []byte `json:"output"`
	Error  string `json:"error,omitempty"`
}

// node is yaml.v3's Node, in the words of the TypeScript side.
type node struct {
	Kind   string `json:"kind"`
	Tag    string `json:"tag"`
	Value  string `json:"value"`
	Style  int    `json:"style"`
	Anchor string `json:"anchor"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Head   string `json:"head"`
	End    string `json:"end"`
	Foot   string `json:"foot"`
	Nodes  []node `json:"nodes"`
}

var kinds = map[yamlv3.Kind]string{
	yamlv3.DocumentNode: "document",
	yamlv3.MappingNode:  "mapping",
	yamlv3.SequenceNode: "sequence",
	yamlv3.ScalarNode:   "scalar",
	yamlv3.AliasNode:    "alias",
}

func describe(n *yamlv3.Node) node {
	out := node{
		Kind: kinds[n.Kind], Tag: n.Tag, Value: n.Value, Style: int(n.Style), Anchor: n.Anchor,
		Line: n.Line, Column: n.Column, Head: n.HeadComment, End: n.LineComment, Foot: n.FootComment, Nodes: []node{},
	}
	for _, child := range n.Content {
		out.Nodes = append(out.Nodes, describe(child))
	}
	return out
}

func documents(input []byte) ([]*yamlv3.Node, error) {
	decoder := yamlv3.NewDecoder(bytes.NewReader(input))
	var found []*yamlv3.Node
	for {
		var n yamlv3.Node
		err := decoder.Decode(&n)
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		found = append(found, &n)
	}
}

func nodes(input []byte) ([]byte, error) {
	found, err := documents(input)
	if err != nil {
		return nil, err
	}
	out := []node{}
	for _, n := range found {
		out = append(out, describe(n))
	}
	return json.Marshal(out)
}

// emit writes every document back as kyaml does.
func emit(input []byte, style kyaml.SequenceIndentStyle) ([]byte, error) {
	found, err := documents(input)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, n := range found {
		text, err := kyaml.MarshalWithOptions(n, &kyaml.EncoderOptions{SeqIndent: style})
		if err != nil {
			return nil, err
		}
		out.WriteString("\x00")
		out.Write(text)
	}
	return out.Bytes(), nil
}

// resources reads as kustomize reads its inputs and gives the JSON of each resource.
func resources(input []byte) ([]byte, error) {
	found, err := kio.FromBytes(input)
	if err != nil {
		return nil, err
	}
	list := []json.RawMessage{}
	for _, n := range found {
		text, err := n.MarshalJSON()
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return json.Marshal(list)
}

// goJSON writes a JSON text again, as encoding/json does.
func goJSON(input []byte, indent bool, html bool) ([]byte, error) {
	var value any
	if err := json.Unmarshal(input, &value); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	if indent {
		encoder.SetIndent("", "  ")
	}
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// pretty writes a JSON value with yaml.v3's own encoder, as Helm's toYamlPretty does; integers stay integers.
func pretty(input []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := yamlv3.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(numbers(value)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func numbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if integer, err := value.Int64(); err == nil {
			return integer
		}
		float, _ := value.Float64()
		return float
	case []any:
		for i := range value {
			value[i] = numbers(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = numbers(value[key])
		}
	}
	return value
}

func floats(input []byte) ([]byte, error) {
	value, err := strconv.ParseFloat(string(input), 64)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return []byte(strconv.FormatFloat(value, 'g', -1, 64) + " " + strconv.FormatFloat(value, 'g', -1, 32) + " " + string(text)), nil
}

// timings says how long reading and writing a stream takes, in milliseconds: the best and the median of 15 runs each.
func timings(input []byte) ([]byte, error) {
	parts := bytes.Split(input, []byte("\n---\n"))
	var texts [][]byte
	for _, part := range parts {
		text, err := sigs.YAMLToJSON(part)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	result := map[string][]float64{}
	measure := func(name string, work func() error) error {
		var runs []float64
		for i := 0; i < 15; i++ {
			start := time.Now()
			if err := work(); err != nil {
				return err
			}
			runs = append(runs, float64(time.Since(start).Microseconds())/1000)
		}
		sort.Float64s(runs)
		result[name] = []float64{runs[0], runs[len(runs)/2]}
		return nil
	}
	each := func(list [][]byte, convert func([]byte) ([]byte, error)) func() error {
		return func() error {
			for _, item := range list {
				if _, err := convert(item); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if err := measure("read", each(parts, sigs.YAMLToJSON)); err != nil {
		return nil, err
	}
	if err := measure("write", each(texts, sigs.JSONToYAML)); err != nil {
		return nil, err
	}
	err := measure("trees", func() error {
		_, err := documents(input)
		return err
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

func perform(op string, input []byte) (out []byte, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			out, err = nil, fmt.Errorf("panic: %v", caught)
		}
	}()
	switch op {
	case "toJson":
		return sigs.YAMLToJSON(input)
	case "toJsonStrict":
		return sigs.YAMLToJSONStrict(input)
	case "toYaml":
		return sigs.JSONToYAML(input)
	case "marshal":
		var value any
		if err := json.Unmarshal(input, &value); err != nil {
			return nil, err
		}
		return sigs.Marshal(value)
	case "goJson":
		return goJSON(input, false, true)
	case "goJsonIndent":
		return goJSON(input, true, true)
	case "goJsonPlain":
		return goJSON(input, false, false)
	case "nodes":
		return nodes(input)
	case "emit":
		return emit(input, kyaml.CompactSequenceStyle)
	case "emitWide":
		return emit(input, kyaml.WideSequenceStyle)
	case "resources":
		return resources(input)
	case "pretty":
		return pretty(input)
	case "timings":
		return timings(input)
	case "floats":
		return floats(input)
	}
	return nil, fmt.Errorf("unknown op %q", op)
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
			} else if out, e := perform(r.Op, r.Input); e != nil {
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
		if reader.Buffered() == 0 {
			writer.Flush()
		}
	}
}
