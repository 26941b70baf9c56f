// Prints the facts that kustomize's embedded OpenAPI holds about strategic merge and scope, as compact JSON:
// which list of which type merges by which keys, and which types are cluster-scoped.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const prefix = "#/definitions/"

// Node is 0 for a leaf, 1 for a type without merging lists below it, a string for a kept type,
// ["L", strategy, keys, items] for a list and ["M", values] for a map.
type Node interface{}

type facts struct {
	Types  map[string]map[string]Node `json:"types"`
	Kinds  map[string]string          `json:"kinds"`
	Known  []string                   `json:"known"`
	// Cluster lists the types that are certainly cluster-scoped.
	Cluster []string `json:"-"`
}

var root = openapi.Schema()

func merging(s *spec.Schema) bool {
	strategy, _ := s.Extensions["x-kubernetes-patch-strategy"].(string)
	return strategy != ""
}

// reaches tells whether a list with a patch strategy stands in the definition or below it.
func reaches(name string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	d, ok := root.Definitions[name]
	if !ok {
		return false
	}
	return schemaReaches(&d, seen)
}

func schemaReaches(s *spec.Schema, seen map[string]bool) bool {
	if merging(s) {
		return true
	}
	if ref := s.Ref.String(); ref != "" {
		return reaches(strings.TrimPrefix(ref, prefix), seen)
	}
	for k := range s.Properties {
		p := s.Properties[k]
		if schemaReaches(&p, seen) {
			return true
		}
	}
	if s.Items != nil && s.Items.Schema != nil && schemaReaches(s.Items.Schema, seen) {
		return true
	}
	return s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil && schemaReaches(s.AdditionalProperties.Schema, seen)
}

var out = facts{Types: map[string]map[string]Node{}, Kinds: map[string]string{}}

func nodeOf(s *spec.Schema) Node {
	if ref := s.Ref.String(); ref != "" {
		name := strings.TrimPrefix(ref, prefix)
		if !reaches(name, map[string]bool{}) {
			d := root.Definitions[name]
			if len(d.Properties) == 0 {
				return 0
			}
			return 1
		}
		keep(name)
		return name
	}
	if len(s.Type) == 1 && s.Type[0] == "array" && s.Items != nil && s.Items.Schema != nil {
		items := nodeOf(s.Items.Schema)
		if !merging(s) && items == 0 {
			return 0
		}
		strategy, keys := (&openapi.ResourceSchema{Schema: s}).PatchStrategyAndKeyList()
		return []interface{}{"L", strategy, keys, items}
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		return []interface{}{"M", nodeOf(s.AdditionalProperties.Schema)}
	}
	return 0
}

func keep(name string) {
	if _, done := out.Types[name]; done {
		return
	}
	fields := map[string]Node{}
	out.Types[name] = fields
	d := root.Definitions[name]
	for k := range d.Properties {
		p := d.Properties[k]
		fields[k] = nodeOf(&p)
	}
}

func main() {
	names := make([]string, 0, len(root.Definitions))
	for name := range root.Definitions {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		d := root.Definitions[name]
		gvks, ok := d.Extensions["x-kubernetes-group-version-kind"].([]interface{})
		if !ok {
			continue
		}
		for _, g := range gvks {
			m := g.(map[string]interface{})
			apiVersion := m["version"].(string)
			if group, _ := m["group"].(string); group != "" {
				apiVersion = group + "/" + apiVersion
			}
			kind := m["kind"].(string)
			key := apiVersion + "/" + kind
			namespaced, found := openapi.IsNamespaceScoped(yaml.TypeMeta{APIVersion: apiVersion, Kind: kind})
			if found && !namespaced {
				out.Cluster = append(out.Cluster, key)
			}
			if openapi.SchemaForResourceType(yaml.TypeMeta{APIVersion: apiVersion, Kind: kind}) == nil {
				continue
			}
			if reaches(name, map[string]bool{}) {
				keep(name)
				out.Kinds[key] = name
			} else {
				out.Known = append(out.Known, key)
			}
		}
	}
	sort.Strings(out.Known)
	sort.Strings(out.Cluster)
	schemas := marshal(out)
	cluster := marshal(out.Cluster)
	fmt.Println("// Facts of the OpenAPI that kustomize v5.8.1 embeds (Kubernetes v1.21.2): merge keys, patch strategies, scope.")
	fmt.Println("// Made by conformance/kustomize/facts; do not edit.")
	fmt.Println()
	fmt.Println("/** JSON text of `Facts`; parsed when the first strategic merge asks for a schema. */")
	fmt.Println("export const openApiFacts =")
	fmt.Printf("  '%s';\n", schemas)
	fmt.Println()
	fmt.Println("/** JSON text: the types that are certainly cluster-scoped, as `apiVersion/kind`. */")
	fmt.Println("export const clusterScopedFacts =")
	fmt.Printf("  '%s';\n", cluster)
}

func marshal(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return string(b)
}
