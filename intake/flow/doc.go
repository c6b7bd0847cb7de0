// Package flow is the questions of the visitor's page as data: read from YAML, judged, and walked.
//
// flow.yaml is the flow that ships; a kommun may bring one of its own, and words of its own (Words). The format is
// explained in docs/flow.md for those who write it. The questions are asked and answered in the browser, by
// web/src/flow/flow.ts; the walk in this package is its twin, for `utvag flow preview` and for the tests that hold both
// to the same walks.
package flow

//go:generate go run ./internal/write ../..
