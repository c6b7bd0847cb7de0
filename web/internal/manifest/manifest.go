// Package manifest describes dist/manifest.json. It stands apart from package web so that the builder compiles where
// there is no dist yet.
package manifest

// Page is one of the two clients.
type Page string

const (
	Visitor Page = "visitor"
	Console Page = "console"
)

// Manifest says what the release's pages are made of.
type Manifest struct {
	Pages map[Page]Files `json:"pages"`
}

// Files names the files of one page. All lie in dist/<page>/ and are served under /assets/.
type Files struct {
	Script string `json:"script"`
	// Imports are the modules that the script imports at once.
	Imports []string `json:"imports"`
	// Later are the modules that the page asks for by itself while it is read.
	Later []string `json:"later"`
	Style string   `json:"style"`
	Icon  string   `json:"icon"`
	// Service is the console's service worker, and Icons its icons for a home screen, by size in pixels. The visitor's
	// page has neither.
	Service string            `json:"service,omitempty"`
	Icons   map[string]string `json:"icons,omitempty"`
	// Catalogs are by language tag.
	Catalogs map[string]Catalog `json:"catalogs"`
	Entries  map[string]Entry   `json:"files"`
}

// Catalog names the files of one language: what the first screen says, and the rest, which the console's catalogs have
// not.
type Catalog struct {
	First string `json:"first"`
	Rest  string `json:"rest,omitempty"`
}

// Entry describes a file: sizes in bytes, plain and as sent with brotli, and the SHA-256 of the plain file in hex.
type Entry struct {
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
	Brotli int    `json:"brotli"`
}
