package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// series is a line of a panel: one value for each number of connections.
type series struct {
	label  string
	values []float64
}

// panel is one diagram.
type panel struct {
	title, unit string
	lines       []series
}

const (
	panelWidth, panelHeight = 460, 300
	left, right, over, low  = 56, 78, 56, 52 // around a panel's plot
)

// looks tell the lines apart without colour, too.
var looks = []struct{ colour, dashes, mark string }{
	{"#0b5394", "none", "circle"}, {"#a64d00", "8 4", "square"}, {"#38761d", "2 4", "triangle"},
}

// figure draws panels beside each other, as SVG that says its numbers to whoever cannot see it.
func figure(to io.Writer, connections []int, panels ...panel) error {
	var b strings.Builder
	width := panelWidth * len(panels)
	fmt.Fprintf(
		&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title numbers" font-family="sans-serif" font-size="13">`+"\n", width, panelHeight)
	fmt.Fprintf(
		&b, "<title id=\"title\">The relay's memory and delay against connections and nodes</title>\n<desc id=\"numbers\">%s</desc>\n", spoken(connections, panels))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, panelHeight)
	for i, p := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%d 0)">`+"\n", i*panelWidth)
		p.draw(&b, connections)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(to, b.String())
	return err
}

// spoken is the figure in words.
func spoken(connections []int, panels []panel) string {
	var sentences []string
	for _, p := range panels {
		for _, line := range p.lines {
			var values []string
			for i, value := range line.values {
				values = append(values, fmt.Sprintf("%.1f with %s connections", value, grouped(connections[i])))
			}
			sentences = append(sentences, fmt.Sprintf("%s, in %s, %s: %s.", p.title, p.unit, line.label,
				strings.Join(values, ", ")))
		}
	}
	return strings.Join(sentences, " ")
}

func (p panel) draw(b *strings.Builder, connections []int) {
	top := 0.0
	for _, line := range p.lines {
		for _, value := range line.values {
			top = max(top, value)
		}
	}
	step := niceStep(top)
	top = step * math.Ceil(top/step)
	most := float64(connections[len(connections)-1])
	x := func(n int) float64 { return left + (panelWidth-left-right)*float64(n)/most }
	y := func(v float64) float64 { return panelHeight - low - (panelHeight-over-low)*v/top }

	fmt.Fprintf(b, `<text x="%d" y="22" font-weight="bold">%s</text><text x="%d" y="42" fill="#444">%s</text>`+"\n", 12,
		p.title, 12, p.unit)
	decimals := max(0, int(-math.Floor(math.Log10(step))))
	for i := range int(math.Round(top/step)) + 1 {
		v := step * float64(i)
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="#ccc"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, y(v), panelWidth-right, left-8, y(v)+4, strconv.FormatFloat(v, 'f', decimals, 64))
	}
	for _, n := range connections {
		fmt.Fprintf(b, `<path d="M%.1f %.1fv5" stroke="#444"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			x(n), y(0), x(n), panelHeight-low+20, grouped(n))
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle" fill="#444">connections</text>`+"\n",
		(left+panelWidth-right)/2, panelHeight-8)
	labels := apart(p.lines, y)
	for i, line := range p.lines {
		look := looks[i%len(looks)]
		var path strings.Builder
		for j, value := range line.values {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(j, 1)], x(connections[j]), y(value))
		}
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", &path,
			look.colour, look.dashes)
		for j, value := range line.values {
			mark(b, look.mark, look.colour, x(connections[j]), y(value))
		}
		fmt.Fprintf(b, `<text x="%d" y="%.1f" fill="%s">%s</text>`+"\n", panelWidth-right+12, labels[i]+4, look.colour,
			line.label)
	}
}

// apart gives the heights of the labels at the lines' ends, so that none lies on another.
func apart(lines []series, y func(float64) float64) []float64 {
	const gap = 16
	heights := make([]float64, len(lines))
	order := make([]int, len(lines))
	for i, line := range lines {
		heights[i], order[i] = y(line.values[len(line.values)-1]), i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(heights[a], heights[b]) })
	for i := 1; i < len(order); i++ {
		heights[order[i]] = max(heights[order[i]], heights[order[i-1]]+gap)
	}
	if beyond := heights[order[len(order)-1]] - (panelHeight - low); beyond > 0 {
		for i := range heights {
			heights[i] -= beyond
		}
	}
	return heights
}

func mark(b *strings.Builder, kind, colour string, x, y float64) {
	switch kind {
	case "circle":
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`, x, y, colour)
	case "square":
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="8" height="8" fill="%s"/>`, x-4, y-4, colour)
	default:
		fmt.Fprintf(b, `<path d="M%.1f %.1fl5 9h-10z" fill="%s"/>`, x, y-6, colour)
	}
	b.WriteString("\n")
}

// niceStep is 1, 2 or 5 times a power of ten: four to eight of it reach the top.
func niceStep(top float64) float64 {
	if top <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(top/4)))
	for _, times := range []float64{5, 2} {
		if top/(power*times) >= 4 {
			return power * times
		}
	}
	return power
}

// grouped writes thousands with a comma.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
