import "@tanstack/ai"; import "@tanstack/ai-openai"
