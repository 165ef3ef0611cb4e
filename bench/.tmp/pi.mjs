import "@mariozechner/pi-ai"
