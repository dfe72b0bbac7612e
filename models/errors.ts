/** Thrown when a model is missing, damaged, unsafe or of another kind. The message is a whole sentence for the person. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly model: string;
  constructor(model: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.model = model;
  }
}

/** Thrown when a network gives values that are no picture (NaN or infinity), naming where they first appeared. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
}

/** Thrown when bytes are no picture that can be used: empty, damaged, too large or of a format that is not read. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
