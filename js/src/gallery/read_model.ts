import type { Model, Summary, Traits } from "./traits";

interface Named extends Pick<Traits, "_class_names"> {
  readonly _names_of?: Traits["_names_of"] | undefined;
}

/** The names of the models, where there are several. */
export function modelNames(model: Model): readonly string[] {
  return model.get("_models") ?? [];
}

/** The model whose verdicts and metrics are read; empty where there is one alone. */
export function readModel(model: Model): string {
  return model.get("model") ?? modelNames(model)[0] ?? "";
}

/** The same as columns name it: empty for the first. */
export function readColumn(model: Model): string {
  const read = readModel(model);
  return read === modelNames(model)[0] ? "" : read;
}

/** `, of after` where there are several models. */
export function ofModel(name: string): string {
  return name === "" ? "" : `, of ${name}`;
}

/** How well one of several models does. */
export function summaryOf(summary: Summary, name: string): Summary {
  return summary.beside?.find((one) => one.model === name) ?? summary;
}

/** What a model calls its classes. */
export function namesIn({ _class_names, _names_of }: Named, name: string): readonly string[] {
  return _names_of?.[name] ?? _class_names;
}

/** What the model that is read calls its classes. */
export function readNames(model: Model): readonly string[] {
  const known = { _class_names: model.get("_class_names"), _names_of: model.get("_names_of") };
  return namesIn(known, readModel(model));
}
