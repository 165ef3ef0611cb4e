import "ai"; import "@ai-sdk/openai"
