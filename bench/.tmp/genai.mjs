import "@google/genai"
