// Command hello is the smallest program that shows its linker flags.
package main

import "fmt"

var greeted = "nobody"

func main() { fmt.Printf("hello %s\n", greeted) }
