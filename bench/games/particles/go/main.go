package main

import hs "game/generated"

const (
	count  = len(hs.Dot.X)
	across = 128
	cells  = across * across

	world   float32 = 1024
	perCell float32 = 0.125
	reach2  float32 = 16
)

// Where the dots of a cell begin in sorted; the cell of each dot.
var (
	starts [cells + 1]int32
	sorted [count]int32
	cellOf [count]int32

	seed uint32 = 12345
)

func init() {
	hs.Use(hs.Rules{Init: start, Tick: tick})
}

func main() {}

func next() float32 {
	seed = seed*1664525 + 1013904223
	return float32(seed>>8) * (1.0 / 16777216.0)
}

func start() {
	dot := &hs.Dot
	for i := dot.Spawn(); i >= 0; i = dot.Spawn() {
		dot.X[i] = next() * world
		dot.Y[i] = next() * world
		dot.Vx[i] = float32(next()*80) - 40
		dot.Vy[i] = float32(next()*80) - 40
	}
}

// A product is converted before it is added: Go may otherwise round the two of them once.
func move(places, speeds *[count]float32, dt float32) {
	for i := range places {
		v := speeds[i]
		p := places[i] + float32(v*dt)
		places[i] = p
		if (p < 0 && v < 0) || (p > world && v > 0) {
			speeds[i] = -v
		}
	}
}

func lane(place float32) int32 {
	return max(0, min(across-1, int32(place*perCell)))
}

func sort() {
	dot := &hs.Dot
	clear(starts[:])
	for i := range count {
		c := lane(dot.Y[i])*across + lane(dot.X[i])
		cellOf[i] = c
		starts[c]++
	}
	sum := int32(0)
	for c := range starts {
		sum += starts[c]
		starts[c] = sum
	}
	for i := count - 1; i >= 0; i-- {
		c := cellOf[i]
		starts[c]--
		sorted[starts[c]] = int32(i)
	}
}

func bounce(i, j int32) {
	dot := &hs.Dot
	dx, dy := dot.X[j]-dot.X[i], dot.Y[j]-dot.Y[i]
	d2 := float32(dx*dx) + float32(dy*dy)
	if d2 >= reach2 || d2 == 0 {
		return
	}
	nearing := float32((dot.Vx[j]-dot.Vx[i])*dx) + float32((dot.Vy[j]-dot.Vy[i])*dy)
	if nearing >= 0 {
		return
	}
	share := nearing / d2
	dot.Vx[i] += float32(share * dx)
	dot.Vy[i] += float32(share * dy)
	dot.Vx[j] -= float32(share * dx)
	dot.Vy[j] -= float32(share * dy)
}

func collide() {
	for cy := range across {
		for cx := range across {
			c, right, left := cy*across+cx, 0, 0
			if cx < across-1 {
				right = 1
			}
			if cx > 0 {
				left = 1
			}
			end, below, belowEnd := starts[c+1+right], int32(0), int32(0)
			if cy < across-1 {
				below, belowEnd = starts[c+across-left], starts[c+across+1+right]
			}
			for a := starts[c]; a < starts[c+1]; a++ {
				i := sorted[a]
				for b := a + 1; b < end; b++ {
					bounce(i, sorted[b])
				}
				for b := below; b < belowEnd; b++ {
					bounce(i, sorted[b])
				}
			}
		}
	}
}

func tick() {
	move(&hs.Dot.X, &hs.Dot.Vx, hs.Dt())
	move(&hs.Dot.Y, &hs.Dot.Vy, hs.Dt())
	sort()
	collide()
}
