module plumbline.io/testkit/hello

go 1.26
