//go:build pins

// Package pins names what the comparison of the CRDs needs, so that go.mod keeps its versions.
package pins

import (
	_ "github.com/fluxcd/kustomize-controller/api/v1"
	_ "github.com/fluxcd/source-controller/api/v1"
	_ "sigs.k8s.io/controller-tools/cmd/controller-gen"
)
