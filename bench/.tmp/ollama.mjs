import "ollama"; 
