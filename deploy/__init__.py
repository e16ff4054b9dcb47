"""Ways to run the city: on one machine from wheels, in containers, on Kubernetes."""
