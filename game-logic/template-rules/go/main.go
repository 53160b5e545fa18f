// What happens, in Go. Change speed and save: the running game changes with you in it.
package main

import hs "game/generated"

const (
	width  float32 = 800
	height float32 = 500
	speed  float32 = 220
	reach  float32 = 24
)

func init() {
	hs.Use(hs.Rules{Init: start, Join: join, Leave: leave, Tick: tick})
}

func main() {}

func start() {
	for c := hs.Coin.Spawn(); c >= 0; c = hs.Coin.Spawn() {
		drop(c)
	}
}

func join(player int, name string) {
	runner := &hs.Runner
	i := runner.Spawn()
	if i < 0 {
		return
	}
	runner.Player[i] = uint8(player)
	runner.X[i] = width / 2
	runner.Y[i] = height / 2
}

func leave(player int) {
	for i := range hs.Runner.Rows() {
		if int(hs.Runner.Player[i]) == player {
			hs.Runner.Free(i)
		}
	}
}

func tick() {
	runner, input := &hs.Runner, &hs.Input
	way := speed * hs.Dt()
	for i := range runner.Rows() {
		player := runner.Player[i]
		if input.Left[player] {
			runner.X[i] = max(0, runner.X[i]-way)
		}
		if input.Right[player] {
			runner.X[i] = min(width, runner.X[i]+way)
		}
		if input.Up[player] {
			runner.Y[i] = max(0, runner.Y[i]-way)
		}
		if input.Down[player] {
			runner.Y[i] = min(height, runner.Y[i]+way)
		}
		collect(i)
	}
}

func collect(i int) {
	runner, coin := &hs.Runner, &hs.Coin
	for c := range coin.Rows() {
		dx := runner.X[i] - coin.X[c]
		dy := runner.Y[i] - coin.Y[c]
		if dx*dx+dy*dy > reach*reach {
			continue
		}
		runner.Coins[i]++
		hs.Emit.Taken(coin.X[c], coin.Y[c])
		drop(c)
	}
}

func drop(c int) {
	hs.Coin.X[c] = hs.RandomBetween(20, width-20)
	hs.Coin.Y[c] = hs.RandomBetween(20, height-20)
}
