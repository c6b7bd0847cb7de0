// Package web serves the visitor's page and the console: each on its own origin, from files that are part of the
// release.
//
// Scripts, styles and catalogs lie in dist/, which is committed and rebuilt byte for byte by web/internal/bundle;
// nothing is built or fetched when the server runs. The HTML alone differs between kommuner: it carries PageConfig.
package web

import "embed"

//go:generate go run ./internal/bundle

//go:embed dist
var dist embed.FS

//go:embed pages/*.html
var pages embed.FS
