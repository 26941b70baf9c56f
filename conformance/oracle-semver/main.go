// Answers what Flux's Go libraries say about versions, ranges, file name patterns and ignore rules: one JSON object per line in, one out.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/fluxcd/pkg/sourceignore"
	"github.com/fluxcd/pkg/sourceignore/gitignore"
	"github.com/fluxcd/pkg/version"
)

type ignoreFile struct {
	Directory string `json:"directory"`
	Text      string `json:"text"`
}

type entry struct {
	Path        string `json:"path"`
	IsDirectory bool   `json:"isDirectory"`
}

type question struct {
	// Ask is one of versions, range, match, ignore.
	Ask      string       `json:"ask"`
	Range    string       `json:"range"`
	Versions []string     `json:"versions"`
	Pattern  string       `json:"pattern"`
	Names    []string     `json:"names"`
	Files    []ignoreFile `json:"files"`
	Spec     *string      `json:"spec"`
	Entries  []entry      `json:"entries"`
}

type answer struct {
	Valid   *bool    `json:"valid,omitempty"`
	Results []string `json:"results"`
}

func split(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

func versions(q question) answer {
	results := []string{}
	for _, text := range q.Versions {
		v, err := semver.NewVersion(text)
		if err != nil {
			results = append(results, "invalid")
			continue
		}
		_, fluxErr := version.ParseVersion(text)
		parts := []string{v.String()}
		if fluxErr == nil {
			parts = append(parts, "flux")
		}
		for _, other := range q.Versions {
			if o, err := semver.NewVersion(other); err == nil {
				parts = append(parts, string(rune('1'+v.Compare(o))))
			}
		}
		results = append(results, strings.Join(parts, " "))
	}
	return answer{Results: results}
}

func inRange(q question) answer {
	constraint, err := semver.NewConstraint(q.Range)
	valid := err == nil
	results := []string{}
	for _, text := range q.Versions {
		v, err := semver.NewVersion(text)
		switch {
		case !valid:
			results = append(results, "")
		case err != nil:
			results = append(results, "invalid")
		case constraint.Check(v):
			results = append(results, "in")
		default:
			results = append(results, "out")
		}
	}
	return answer{Valid: &valid, Results: results}
}

func match(q question) answer {
	results := []string{}
	for _, name := range q.Names {
		ok, err := filepath.Match(q.Pattern, name)
		switch {
		case err != nil:
			results = append(results, "malformed")
		case ok:
			results = append(results, "yes")
		default:
			results = append(results, "no")
		}
	}
	return answer{Results: results}
}

// ignore follows source-controller: patterns of the files, then those of the spec, after the VCS ones, or the defaults.
func ignore(q question) answer {
	domain := []string{"root"}
	patterns := []gitignore.Pattern{}
	for _, file := range q.Files {
		at := append(append([]string{}, domain...), split(file.Directory)...)
		patterns = append(patterns, sourceignore.ReadPatterns(strings.NewReader(file.Text), at)...)
	}
	if q.Spec != nil {
		patterns = append(patterns, sourceignore.ReadPatterns(strings.NewReader(*q.Spec), domain)...)
	}
	matcher := sourceignore.NewDefaultMatcher(patterns, domain)
	if len(patterns) > 0 {
		matcher = sourceignore.NewMatcher(append(sourceignore.VCSPatterns(domain), patterns...))
	}
	results := []string{}
	for _, entry := range q.Entries {
		if matcher.Match(append(append([]string{}, domain...), split(entry.Path)...), entry.IsDirectory) {
			results = append(results, "hidden")
		} else {
			results = append(results, "kept")
		}
	}
	return answer{Results: results}
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for {
		var q question
		if decoder.Decode(&q) != nil {
			return
		}
		asks := map[string]func(question) answer{"versions": versions, "range": inRange, "match": match, "ignore": ignore}
		if err := encoder.Encode(asks[q.Ask](q)); err != nil {
			panic(err)
		}
	}
}
