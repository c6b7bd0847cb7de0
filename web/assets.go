package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"

	"github.com/utvag/utvag/web/internal/manifest"
)

// Page is one of the two clients.
type Page = manifest.Page

const (
	Visitor = manifest.Visitor
	Console = manifest.Console
)

// LoadManifest reads the manifest of this release.
func LoadManifest() (manifest.Manifest, error) {
	var release manifest.Manifest
	raw, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		return release, err
	}
	err = json.Unmarshal(raw, &release)
	return release, err
}

// content is a body in every encoding that it is offered in.
type content struct {
	kind  string
	plain []byte
	gzip  []byte
	br    []byte
}

var kinds = map[string]string{
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".json": "application/json",
	".png":  "image/png",
	".txt":  "text/plain; charset=utf-8",
}

func loadAssets(page Page, files map[string]manifest.Entry) (map[string]content, error) {
	assets := make(map[string]content, len(files))
	for name := range files {
		file := path.Join("dist", string(page), name)
		plain, err := dist.ReadFile(file)
		if err != nil {
			return nil, err
		}
		kind, ok := kinds[path.Ext(name)]
		if !ok {
			return nil, fmt.Errorf("%s: no media type", file)
		}
		asset := content{kind: kind, plain: plain}
		br, err := fs.ReadFile(dist, file+".br")
		if err == nil {
			asset.br = br
			// Few browsers ask for gzip only, and Go's deflate may give other bytes from release to release: made here, not
			// committed.
			asset.gzip = gzipped(plain, nil)
		}
		assets[assetPath(name)] = asset
	}
	return assets, nil
}

// alike makes the gzip of some assets equally long, as their plain and Brotli forms are built to be: a gzip header may
// carry what nobody reads.
func alike(assets map[string]content, names []string) {
	longest := 0
	for _, name := range names {
		longest = max(longest, len(gzipped(assets[name].plain, []byte{})))
	}
	for _, name := range names {
		asset := assets[name]
		asset.gzip = gzipped(asset.plain, make([]byte, longest-len(gzipped(asset.plain, []byte{}))))
		assets[name] = asset
	}
}

// gzipped compresses. extra goes along in the header, unread; nil leaves the field out.
func gzipped(plain, extra []byte) []byte {
	var out bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	writer.Extra = extra
	// Neither call fails: the level is a constant and the buffer grows.
	_, _ = writer.Write(plain)
	_ = writer.Close()
	return out.Bytes()
}

// brotlied is for what differs from kommun to kommun: some hundredths of a second, once.
func brotlied(plain []byte) []byte {
	var out bytes.Buffer
	writer := brotli.NewWriterLevel(&out, brotli.BestCompression)
	_, _ = writer.Write(plain)
	_ = writer.Close()
	return out.Bytes()
}

func (c content) serve(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	header.Set("Content-Type", c.kind)
	body := c.plain
	if c.br != nil || c.gzip != nil {
		header.Set("Vary", "Accept-Encoding")
		accepted := r.Header.Get("Accept-Encoding")
		switch {
		case c.br != nil && accepts(accepted, "br"):
			header.Set("Content-Encoding", "br")
			body = c.br
		case c.gzip != nil && accepts(accepted, "gzip"):
			header.Set("Content-Encoding", "gzip")
			body = c.gzip
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		// A write that fails is a browser that left.
		_, _ = w.Write(body)
	}
}

// accepts says whether Accept-Encoding names the coding with a weight above zero. A wildcard is not taken up: the plain
// file is always right.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || name != coding {
			continue
		}
		weight, given := params["q"]
		if !given {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0 && q <= 1
	}
	return false
}
