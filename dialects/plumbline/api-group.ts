// The API group of Plumbline's own kinds and annotations.

import { OWN_GROUP } from "@plumbline/core/model";

export const apiGroup = OWN_GROUP;
export const apiVersion = "v1alpha1";

/** On a delivery: lets its changes go in spite of the windows; see `readOverride`. */
export const overrideAnnotation = `${apiGroup}/override`;
