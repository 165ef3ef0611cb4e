import "openai"; 
