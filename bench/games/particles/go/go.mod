module game

go 1.24
