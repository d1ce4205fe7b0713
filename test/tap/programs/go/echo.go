// A program in Go, static and with a poller of its own, that answers each datagram with the same bytes; it prints its port.
package main

import (
	"fmt"
	"log"
	"net"
)

func main() {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.LocalAddr().(*net.UDPAddr).Port)
	buffer := make([]byte, 65535)
	for {
		length, peer, err := socket.ReadFromUDP(buffer)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := socket.WriteToUDP(buffer[:length], peer); err != nil {
			log.Fatal(err)
		}
	}
}
