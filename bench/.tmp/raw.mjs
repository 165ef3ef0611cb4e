import "undici"; import "eventsource-parser"
