// Command facts prints what core/schema knows of Kubernetes' own types: one JSON line per resource and per type.
//
// It joins three sources: the OpenAPI v3 documents and the discovery document of an API server (given as a folder laid
// out like api/ of the k8s.io/kubernetes module), and the Go types of k8s.io/api, because only these tell what a server
// leaves out when it writes a value (omitempty, pointers) and in which order it writes fields.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type object = map[string]any

const header = "// What Kubernetes 1.36 says of its own types; written by conformance/oracle-ssa/facts, not by hand.\n" +
	"// Rows are resources (\"r\") and types (\"t\"); builtin.ts reads them and explains the letters.\n\n" +
	"export const facts: string = String.raw`"

var stable = regexp.MustCompile(`^v[0-9]+$`)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: facts <folder with openapi-spec/ and discovery/>")
	}
	api := os.Args[1]
	models := readModels(filepath.Join(api, "openapi-spec", "v3"))
	fmt.Print(header)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	roots := map[string]bool{}
	for _, resource := range readResources(api, models, roots) {
		must(encoder.Encode(resource))
	}
	goTypes := collectGoTypes()
	for _, model := range reachable(models, roots) {
		must(encoder.Encode([]any{"t", shortName(model), convert(models, model, goTypes)}))
	}
	fmt.Println("`;")
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func readJSON(path string) object {
	text, err := os.ReadFile(path)
	must(err)
	var value object
	must(json.Unmarshal(text, &value))
	return value
}

func readModels(folder string) map[string]object {
	models := map[string]object{}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	must(err)
	for _, file := range files {
		components, _ := readJSON(file)["components"].(object)
		schemas, _ := components["schemas"].(object)
		for name, schema := range schemas {
			models[name] = schema.(object)
		}
	}
	return models
}

// readResources gives ["r", group, version, plural, singular, kind, namespaced, verbs, short names, categories, type,
// subresources] for every stable version, in the order of discovery.
func readResources(api string, models map[string]object, roots map[string]bool) [][]any {
	byKind := modelsByKind(models)
	var rows [][]any
	core := readJSON(filepath.Join(api, "discovery", "api__v1.json"))
	rows = append(rows, legacyRows(core, byKind, roots)...)
	for _, group := range readJSON(filepath.Join(api, "discovery", "aggregated_v2.json"))["items"].([]any) {
		name, _ := group.(object)["metadata"].(object)["name"].(string)
		for _, version := range group.(object)["versions"].([]any) {
			v := version.(object)["version"].(string)
			if !stable.MatchString(v) {
				continue
			}
			for _, resource := range version.(object)["resources"].([]any) {
				rows = append(rows, aggregatedRow(name, v, resource.(object), byKind, roots))
			}
		}
	}
	return rows
}

func legacyRows(list object, byKind map[string]string, roots map[string]bool) [][]any {
	var rows [][]any
	index := map[string]int{}
	for _, item := range list["resources"].([]any) {
		r := item.(object)
		name := r["name"].(string)
		parent, sub, isSub := strings.Cut(name, "/")
		group, _ := r["group"].(string)
		version, _ := r["version"].(string)
		if version == "" {
			version = "v1"
		}
		model := byKind[group+"/"+version+"/"+r["kind"].(string)]
		roots[model] = true
		if isSub {
			row := []any{sub, r["kind"], r["verbs"], shortName(model)}
			if i, ok := index[parent]; ok {
				rows[i][11] = append(rows[i][11].([]any), row)
			}
			continue
		}
		index[name] = len(rows)
		rows = append(rows, []any{"r", "", "v1", name, r["singularName"], r["kind"], r["namespaced"], r["verbs"],
			orEmpty(r["shortNames"]), orEmpty(r["categories"]), shortName(model), []any{}})
	}
	return rows
}

func aggregatedRow(group, version string, r object, byKind map[string]string, roots map[string]bool) []any {
	kind := r["responseKind"].(object)["kind"].(string)
	model := byKind[group+"/"+version+"/"+kind]
	roots[model] = true
	subs := []any{}
	if list, ok := r["subresources"].([]any); ok {
		for _, item := range list {
			s := item.(object)
			g, v := group, version
			k, _ := s["responseKind"].(object)
			if text, _ := k["group"].(string); text != "" {
				g = text
			}
			if text, _ := k["version"].(string); text != "" {
				v = text
			}
			subModel := byKind[g+"/"+v+"/"+k["kind"].(string)]
			roots[subModel] = true
			subs = append(subs, []any{s["subresource"], k["kind"], s["verbs"], shortName(subModel)})
		}
	}
	return []any{"r", group, version, r["resource"], r["singularResource"], kind, r["scope"] == "Namespaced", r["verbs"],
		orEmpty(r["shortNames"]), orEmpty(r["categories"]), shortName(model), subs}
}

func orEmpty(value any) any {
	if value == nil {
		return []any{}
	}
	return value
}

func modelsByKind(models map[string]object) map[string]string {
	found := map[string]string{}
	for name, model := range models {
		list, _ := model["x-kubernetes-group-version-kind"].([]any)
		if len(list) != 1 {
			continue
		}
		gvk := list[0].(object)
		found[fmt.Sprintf("%v/%v/%v", gvk["group"], gvk["version"], gvk["kind"])] = name
	}
	return found
}

func reachable(models map[string]object, roots map[string]bool) []string {
	seen := map[string]bool{}
	var visit func(value any)
	visitModel := func(name string) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		visit(models[name])
	}
	visit = func(value any) {
		switch v := value.(type) {
		case object:
			if ref, ok := v["$ref"].(string); ok {
				visitModel(ref[strings.LastIndex(ref, "/")+1:])
			}
			for _, child := range v {
				visit(child)
			}
		case []any:
			for _, child := range v {
				visit(child)
			}
		}
	}
	for name := range roots {
		visitModel(name)
	}
	for _, name := range []string{"DeleteOptions", "Status", "WatchEvent"} {
		visitModel("io.k8s.apimachinery.pkg.apis.meta.v1." + name)
	}
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

var shorten = strings.NewReplacer("io.k8s.api.", "", "io.k8s.apimachinery.pkg.apis.", "", "io.k8s.apimachinery.pkg.", "",
	"io.k8s.apiextensions-apiserver.pkg.apis.", "", "io.k8s.kube-aggregator.pkg.apis.", "")

func shortName(model string) string { return shorten.Replace(model) }

// collectGoTypes maps a model's full name to its Go struct.
func collectGoTypes() map[string]reflect.Type {
	all := runtime.NewScheme()
	must(scheme.AddToScheme(all))
	must(apiextensions.AddToScheme(all))
	must(aggregator.AddToScheme(all))
	found := map[string]reflect.Type{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			visit(t.Elem())
		case reflect.Struct:
			name := modelName(t)
			if _, seen := found[name]; seen {
				return
			}
			found[name] = t
			for i := range t.NumField() {
				visit(t.Field(i).Type)
			}
		}
	}
	for _, t := range all.AllKnownTypes() {
		visit(t)
	}
	return found
}

func modelName(t reflect.Type) string {
	host, path, _ := strings.Cut(t.PkgPath(), "/")
	parts := strings.Split(host, ".")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, ".") + "." + strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}

// goField is what writing a Go value decides: "" leaves out null only, "e" leaves out empty values, "k" always writes.
type goField struct {
	name, mode string
	// numbers is the way to the field in the protobuf message: more than one where Go embeds a struct.
	numbers []int
}

func goFields(t reflect.Type) []goField {
	var fields []goField
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && name == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			for _, field := range goFields(inner) {
				if number := protobufNumber(f); number > 0 {
					field.numbers = append([]int{number}, field.numbers...)
				} else {
					field.numbers = nil // TypeMeta is not in the message
				}
				fields = append(fields, field)
			}
			continue
		}
		fields = append(fields, goField{name, writeMode(f.Type, options), []int{protobufNumber(f)}})
	}
	return fields
}

func protobufNumber(f reflect.StructField) int {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return 0
	}
	number, err := strconv.Atoi(parts[1])
	must(err)
	return number
}

func writeMode(t reflect.Type, options string) string {
	omitEmpty, omitZero := strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero")
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		if omitEmpty || omitZero {
			return ""
		}
		return "n" // written as null
	case reflect.Struct:
		if omitZero {
			return "e"
		}
		return "k" // encoding/json never leaves a struct out for being empty
	case reflect.Slice, reflect.Map:
		if omitEmpty {
			return "e"
		}
		if omitZero {
			return ""
		}
		return "n"
	}
	if omitEmpty || omitZero {
		return "e"
	}
	return "k"
}

// convert shortens a model; `properties` become an ordered list of [name, write mode, type].
func convert(models map[string]object, name string, goTypes map[string]reflect.Type) object {
	model := models[name]
	out := convertNode(model)
	properties, ok := model["properties"].(object)
	if !ok {
		return out
	}
	var rows [][]any
	seen := map[string]bool{}
	if t, ok := goTypes[name]; ok {
		for _, f := range goFields(t) {
			property, ok := properties[f.name].(object)
			if !ok || seen[f.name] {
				continue
			}
			seen[f.name] = true
			row := []any{f.name, f.mode, convertNode(property)}
			for _, number := range f.numbers {
				row = append(row, number)
			}
			rows = append(rows, row)
		}
	}
	var rest []string
	for key := range properties {
		if !seen[key] {
			rest = append(rest, key)
		}
	}
	sort.Strings(rest)
	for _, key := range rest {
		log.Printf("%s: no Go field for %s", name, key)
		rows = append(rows, []any{key, "", convertNode(properties[key].(object))})
	}
	out["p"] = rows
	return out
}

var passed = map[string]string{"type": "t", "format": "f", "x-kubernetes-list-type": "l", "x-kubernetes-list-map-keys": "k",
	"x-kubernetes-map-type": "m", "x-kubernetes-patch-strategy": "ps", "x-kubernetes-patch-merge-key": "pk", "enum": "e",
	"required": "q", "x-kubernetes-preserve-unknown-fields": "u"}

func convertNode(node object) object {
	out := object{}
	for long, short := range passed {
		if value, ok := node[long]; ok {
			out[short] = value
		}
	}
	if ref, ok := node["$ref"].(string); ok {
		out["r"] = shortName(ref[strings.LastIndex(ref, "/")+1:])
	}
	if all, ok := node["allOf"].([]any); ok && len(all) == 1 {
		if ref, ok := all[0].(object)["$ref"].(string); ok {
			out["r"] = shortName(ref[strings.LastIndex(ref, "/")+1:])
		}
	}
	if value, ok := node["default"]; ok {
		out["d"] = value
	}
	if items, ok := node["items"].(object); ok {
		out["i"] = convertNode(items)
	}
	if extra, ok := node["additionalProperties"].(object); ok {
		out["x"] = convertNode(extra)
	}
	return out
}
