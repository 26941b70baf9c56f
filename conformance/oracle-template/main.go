// Command oracle-template executes templates with Go's own text/template, sprig and Helm's engine.
//
// It reads one JSON request per line on stdin and writes one JSON answer per line on stdout, in order.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"helm.sh/helm/v4/pkg/action"
	chartcommon "helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/cli/values"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1"
	"sigs.k8s.io/yaml"
)

// request is one template with its data. Mode "sprig" is text/template with sprig's functions; "helm" is Helm's
// engine with the data as .Values of a chart called "c".
type request struct {
	ID         int               `json:"id"`
	Mode       string            `json:"mode"`
	Name       string            `json:"name"`
	Template   string            `json:"template"`
	Templates  map[string]string `json:"templates"`
	Data       json.RawMessage   `json:"data"`
	DataYAML   string            `json:"dataYaml"`
	MissingKey string            `json:"missingKey"`
	NowSeconds int64             `json:"nowSeconds"`
	// Mode "chart": a chart's folder and values files, rendered as `helm template` does.
	Chart      string   `json:"chart"`
	ValueFiles []string `json:"valueFiles"`
	Set        []string `json:"set"`
	SetString  []string `json:"setString"`
	SetJSON    []string `json:"setJson"`
	SetLiteral []string `json:"setLiteral"`
	// Mode "helm": the chart's other files, text by path.
	Files map[string]string `json:"files"`
	// Mode "schema": a values.schema.json for the data.
	Schema string `json:"schema"`
}

type answer struct {
	ID int `json:"id"`
	// Output is base64: templates can write bytes that are no UTF-8.
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
	Panic  string `json:"panic,omitempty"`
	// Mode "chart": milliseconds of loading and of rendering.
	LoadMs   float64 `json:"loadMs,omitempty"`
	RenderMs float64 `json:"renderMs,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for {
		var r request
		if err := decoder.Decode(&r); err != nil {
			return
		}
		if err := encoder.Encode(run(r)); err != nil {
			return
		}
		if decoder.Buffered() != nil && in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func run(r request) (a answer) {
	a.ID = r.ID
	defer func() {
		if p := recover(); p != nil {
			a.Panic = fmt.Sprint(p)
		}
	}()
	type result struct {
		text string
		err  error
	}
	var res result
	switch r.Mode {
	case "helm":
		res.text, res.err = runHelm(r)
	case "chart":
		res.text, res.err = runChart(r, &a)
	case "functions":
		res.text, res.err = functionNames()
	case "schema":
		res.err = validate(r)
	default:
		res.text, res.err = runSprig(r)
	}
	a.Output = base64.StdEncoding.EncodeToString([]byte(res.text))
	if res.err != nil {
		a.Error = base64.StdEncoding.EncodeToString([]byte(res.err.Error()))
	}
	return a
}

// functionNames lists sprig's functions but the two that Helm removes, one a line.
func functionNames() (string, error) {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	return strings.Join(slices.Sorted(maps.Keys(functions)), "\n"), nil
}

func validate(r request) error {
	value, err := data(r)
	if err != nil {
		return err
	}
	values, _ := value.(map[string]any)
	return util.ValidateAgainstSingleSchema(values, []byte(r.Schema))
}

func data(r request) (any, error) {
	var v any
	if r.DataYAML != "" {
		return v, yaml.Unmarshal([]byte(r.DataYAML), &v)
	}
	if len(r.Data) == 0 {
		return nil, nil
	}
	return v, json.Unmarshal(r.Data, &v)
}

func runSprig(r request) (string, error) {
	value, err := data(r)
	if err != nil {
		return "", err
	}
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["getHostByName"] = func(string) string { return "" }
	functions["now"] = func() time.Time { return time.Unix(r.NowSeconds, 0).UTC() }
	// A pointer that is nil and a time: values that JSON data cannot carry.
	functions["nilMap"] = func() map[string]any { return nil }
	functions["nilSlice"] = func() []any { return nil }
	functions["toInt"] = func(f float64) int { return int(f) }
	functions["toBytes"] = func(s string) []byte { return []byte(s) }
	t := template.New(r.Name).Funcs(functions)
	if r.MissingKey != "" {
		t.Option("missingkey=" + r.MissingKey)
	}
	for name, text := range r.Templates {
		if _, err := t.New(name).Parse(text); err != nil {
			return "", err
		}
	}
	if _, err := t.Parse(r.Template); err != nil {
		return "", err
	}
	var buffer bytes.Buffer
	err = t.Execute(&buffer, value)
	return buffer.String(), err
}

// runChart does what `helm template rel CHART -n ns -f ...` does, in this process.
func runChart(r request, a *answer) (string, error) {
	start := time.Now()
	c, err := loader.Load(r.Chart)
	if err != nil {
		return "", err
	}
	a.LoadMs = float64(time.Since(start).Microseconds()) / 1000
	start = time.Now()
	options := values.Options{
		ValueFiles:    r.ValueFiles,
		Values:        r.Set,
		StringValues:  r.SetString,
		JSONValues:    r.SetJSON,
		LiteralValues: r.SetLiteral,
	}
	vals, err := options.MergeValues(nil)
	if err != nil {
		return "", err
	}
	install := action.NewInstall(action.NewConfiguration())
	install.DryRunStrategy = action.DryRunClient
	install.ReleaseName = "rel"
	install.Namespace = "ns"
	install.Replace = true
	released, err := install.Run(c, vals)
	a.RenderMs = float64(time.Since(start).Microseconds()) / 1000
	if err != nil {
		return "", err
	}
	rel := released.(*release.Release)
	var out strings.Builder
	fmt.Fprintln(&out, strings.TrimSpace(rel.Manifest))
	for _, h := range rel.Hooks {
		fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", h.Path, h.Manifest)
	}
	return out.String(), nil
}

func runHelm(r request) (string, error) {
	value, err := data(r)
	if err != nil {
		return "", err
	}
	values, _ := value.(map[string]any)
	c := &chart.Chart{Metadata: &chart.Metadata{Name: "c", Version: "1.2.3", APIVersion: "v2"}}
	name := r.Name
	if !strings.HasPrefix(name, "templates/") {
		name = "templates/" + name
	}
	c.Templates = append(c.Templates, &chartcommon.File{Name: name, Data: []byte(r.Template)})
	for other, text := range r.Templates {
		c.Templates = append(c.Templates, &chartcommon.File{Name: "templates/" + other, Data: []byte(text)})
	}
	for path, text := range r.Files {
		c.Files = append(c.Files, &chartcommon.File{Name: path, Data: []byte(text)})
	}
	top := chartcommon.Values{
		"Values":       chartcommon.Values(values),
		"Chart":        c.Metadata,
		"Release":      map[string]any{"Name": "r", "Namespace": "ns", "Revision": 1, "IsInstall": true, "IsUpgrade": false, "Service": "Helm"},
		"Capabilities": chartcommon.DefaultCapabilities,
	}
	rendered, err := new(engine.Engine).RenderWithContext(context.Background(), c, top)
	if err != nil {
		return "", err
	}
	return rendered["c/"+name], nil
}
