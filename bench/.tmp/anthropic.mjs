import "@anthropic-ai/sdk"
