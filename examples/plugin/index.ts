// A provider with a wire of its own. Importing this makes `parley:...` an id, and stored Parley accounts whole again.
import { CredentialFactory, credentialPlugin, ModelRegistry } from "rxscope";
import { ParleyCredential } from "./parley-credential.ts";

export { ParleyChatModel } from "./parley-chat-model.ts";
export { ParleyCredential } from "./parley-credential.ts";
export { ParleyChatFormatter, ParleyMultiAgentFormatter, type ParleyTurn } from "./parley-formatter.ts";

CredentialFactory.register(ParleyCredential);
ModelRegistry.use(credentialPlugin(ParleyCredential));
