/** What a method says of itself, for those who choose; not told by widgets that were saved before it did. */
export interface AboutMethod {
  readonly name: string;
  readonly label: string;
  readonly family?: string;
  /** Whose it is, if it is not ours. */
  readonly library?: string;
  /** Whether one pass answers, or many are needed. */
  readonly cost?: "pass" | "passes";
  readonly is_signed?: boolean;
  readonly is_class_discriminative?: boolean;
  /** What it shows, and what to beware of. */
  readonly sentence?: string;
  /** The paper. */
  readonly source?: string;
}

export interface MethodGroup<T> {
  /** Empty where the methods do not tell what they are. */
  readonly title: string;
  readonly methods: readonly T[];
}

const families: Readonly<Record<string, string>> = {
  cam: "Class activation maps",
  gradient: "Gradients",
  path: "Paths of gradients",
  perturbation: "Perturbation",
};

/** Methods by family, others' by library; in each group the quick ones first, and those that tell classes apart. */
export function groupsOf<T extends AboutMethod>(methods: readonly T[]): MethodGroup<T>[] {
  const titles = [...Object.values(families), ...new Set(methods.map(titleOf))];
  const groups = [...new Set(titles)].map((title) => ({
    title,
    methods: methods
      .filter((method) => titleOf(method) === title)
      .sort((one, other) => rank(one) - rank(other)),
  }));
  return groups.filter((group) => group.methods.length > 0);
}

function titleOf({ family, library }: AboutMethod): string {
  if (library) return library === "your own" ? "Your own" : `From ${library}`;
  return families[family ?? ""] ?? "";
}

function rank({ cost, is_class_discriminative }: AboutMethod): number {
  return (cost === "passes" ? 2 : 0) + (is_class_discriminative === false ? 1 : 0);
}

/** What it costs, what its map tells, and where it is from: `Quick: one pass · signed · Simonyan et al., 2014`. */
export function factsOf({ cost, is_signed, is_class_discriminative, source }: AboutMethod): string {
  const facts = [
    cost && { pass: "Quick: one pass", passes: "Slow: many passes" }[cost],
    is_signed && "signed",
    is_class_discriminative === false && "nearly the same for every class",
    source,
  ];
  return facts.filter(Boolean).join(" · ");
}
