// Clones a repository and archives it with the libraries Flux's source-controller is made of.
//
//	oracle-flux-source <url> <work dir> <archive.tar.gz> <ref as JSON> [spec.ignore]
//
// Prints one JSON object: the revision string, and an error if there was one.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/artifact/storage"
	"github.com/fluxcd/pkg/git"
	"github.com/fluxcd/pkg/git/gogit"
	"github.com/fluxcd/pkg/git/repository"
	"github.com/fluxcd/pkg/sourceignore"
)

type reference struct {
	Branch string `json:"branch"`
	Tag    string `json:"tag"`
	SemVer string `json:"semver"`
	Name   string `json:"name"`
	Commit string `json:"commit"`
}

type answer struct {
	Revision string `json:"revision"`
	Commit   string `json:"commit"`
	Error    string `json:"error"`
}

func check(err error) {
	if err != nil {
		check2 := json.NewEncoder(os.Stdout).Encode(answer{Error: err.Error()})
		if check2 != nil {
			panic(check2)
		}
		os.Exit(0)
	}
}

func main() {
	address, dir, archive := os.Args[1], os.Args[2], os.Args[3]
	var ref reference
	check(json.Unmarshal([]byte(os.Args[4]), &ref))
	parsed, err := url.Parse(address)
	check(err)
	auth, err := git.NewAuthOptions(*parsed, nil)
	check(err)
	client, err := gogit.NewClient(dir, auth, gogit.WithDiskStorage(), gogit.WithInsecureCredentialsOverHTTP())
	check(err)
	commit, err := client.Clone(context.Background(), address, repository.CloneConfig{
		CheckoutStrategy: repository.CheckoutStrategy{
			Branch: ref.Branch, Tag: ref.Tag, SemVer: ref.SemVer, RefName: ref.Name, Commit: ref.Commit,
		},
		ShallowClone: true,
	})
	check(err)
	if commit == nil {
		check(fmt.Errorf("git repository is empty"))
	}

	domain := strings.Split(dir, string(filepath.Separator))
	patterns, err := sourceignore.LoadIgnorePatterns(dir, domain)
	check(err)
	if len(os.Args) > 5 {
		patterns = append(patterns, sourceignore.ReadPatterns(strings.NewReader(os.Args[5]), domain)...)
	}
	store := storage.Storage{BasePath: filepath.Dir(archive), Hostname: "host"}
	check(store.Archive(&meta.Artifact{Path: filepath.Base(archive)}, dir, storage.SourceIgnoreFilter(patterns, domain)))
	revision := commit.String()
	if ref.Name != "" {
		revision = commit.AbsoluteReference()
	}
	check(json.NewEncoder(os.Stdout).Encode(answer{Revision: revision, Commit: commit.Hash.String()}))
}
