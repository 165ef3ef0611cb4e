import "@langchain/openai"
