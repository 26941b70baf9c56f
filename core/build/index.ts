// What Flux's kustomize-controller does around kustomize: files and a delivery to manifests.

export { type BuildInputs, type BuiltDelivery, buildDelivery } from "./build-delivery.ts";
export { deliveryFolder } from "./delivery-folder.ts";
export { type GeneratedKustomization, generateKustomization } from "./generate-kustomization.ts";
