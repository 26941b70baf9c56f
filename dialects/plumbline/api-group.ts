// The API group of Plumbline's own kinds and annotations, written here and nowhere else.

export const apiGroup = "plumbline.io";
export const apiVersion = "v1alpha1";

/** On a delivery: lets its changes go in spite of the windows; see `readOverride`. */
export const overrideAnnotation = `${apiGroup}/override`;
