// @vitest-environment jsdom
import { expect, test } from "vitest";
import { type AboutMethod, factsOf, groupsOf } from "../../src/controls/about_method";
import { methodChoice } from "../../src/controls/method_choice";
import { methodBoxes } from "../../src/gallery/method_boxes";

const method = (
  name: string,
  more: Partial<AboutMethod>,
): AboutMethod & { uses_layer: boolean } => ({
  name,
  label: name.toUpperCase(),
  uses_layer: false,
  ...more,
});

const methods = [
  method("occlusion", { family: "perturbation", cost: "passes", sentence: "Covers places." }),
  method("deep_lift", { family: "gradient", library: "Captum", cost: "passes" }),
  method("score_cam", { family: "cam", cost: "passes" }),
  method("eigen_cam", { family: "cam", cost: "pass", is_class_discriminative: false }),
  method("grad_cam", { family: "cam", cost: "pass", sentence: "Where.", source: "Selvaraju" }),
  method("mine", { family: "cam", library: "your own", cost: "passes" }),
  method("saliency", { family: "gradient", cost: "pass", is_signed: true }),
];

test("methods stand by family and others by library, in each the quick ones first", () => {
  expect(
    groupsOf(methods).map(({ title, methods }) => [title, methods.map((m) => m.name)]),
  ).toEqual([
    ["Class activation maps", ["grad_cam", "eigen_cam", "score_cam"]],
    ["Gradients", ["saliency"]],
    ["Perturbation", ["occlusion"]],
    ["From Captum", ["deep_lift"]],
    ["Your own", ["mine"]],
  ]);
});

test("methods of a widget that was saved before they told anything stay one list", () => {
  const plain = [method("one", {}), method("two", {})];
  expect(groupsOf(plain)).toEqual([{ title: "", methods: plain }]);
  const control = methodChoice(() => {}, new AbortController().signal);
  control.show({ methods: plain, method: "two" });
  expect(control.element.querySelector("optgroup")).toBeNull();
  expect(control.element.querySelector("select")?.value).toBe("two");
  expect(control.element.querySelector<HTMLElement>(".xcnn-about")?.hidden).toBe(true);
});

test("cost, sign, what it does not tell, and the paper are one line", () => {
  expect(factsOf(methods[4] as AboutMethod)).toBe("Quick: one pass · Selvaraju");
  expect(factsOf({ name: "", label: "", cost: "passes", is_signed: true })).toBe(
    "Slow: many passes · signed",
  );
  expect(factsOf(methods[3] as AboutMethod)).toContain("nearly the same for every class");
});

test("the dropdown has a group a family, and says what is chosen", () => {
  const chosen: string[] = [];
  const control = methodChoice((name) => chosen.push(name), new AbortController().signal);
  control.show({ methods, method: "grad_cam" });
  const select = control.element.querySelector("select") as HTMLSelectElement;
  expect([...select.querySelectorAll("optgroup")].map(({ label }) => label)).toEqual([
    "Class activation maps",
    "Gradients",
    "Perturbation",
    "From Captum",
    "Your own",
  ]);
  expect(select.value).toBe("grad_cam");
  const about = control.element.querySelector(`#${select.getAttribute("aria-describedby")}`);
  expect(about?.textContent).toBe("Where.Quick: one pass · Selvaraju");
  expect(select.querySelector<HTMLElement>("[value=occlusion]")?.title).toBe("Covers places.");
  select.value = "deep_lift";
  select.dispatchEvent(new Event("change"));
  expect(chosen).toEqual(["deep_lift"]);
  control.show({ methods, method: "deep_lift" });
  expect(select.value).toBe("deep_lift");
});

test("the boxes of a gallery stand by family, and a ticked one says what it shows", () => {
  const chosen: (readonly string[])[] = [];
  const boxes = methodBoxes((names) => chosen.push(names), new AbortController().signal);
  document.body.append(boxes.element);
  boxes.show({ methods, shown: ["grad_cam"] });
  const groups = [...boxes.element.querySelectorAll("[role=group]")];
  expect(groups.map((group) => group.getAttribute("aria-label"))).toEqual([
    "Class activation maps",
    "Gradients",
    "Perturbation",
    "From Captum",
    "Your own",
  ]);
  const said = () =>
    [...boxes.element.querySelectorAll<HTMLElement>("[data-xcnn=about-method]")]
      .filter(({ hidden }) => !hidden)
      .map(({ textContent }) => textContent);
  expect(said()).toEqual(["Where. Quick: one pass · Selvaraju"]);
  const box = boxes.element.querySelector<HTMLInputElement>("[data-xcnn=method-occlusion]");
  box?.click();
  expect(chosen).toEqual([["grad_cam", "occlusion"]]);
  boxes.show({ methods, shown: ["grad_cam", "occlusion"] });
  expect(said()).toHaveLength(2);
  expect(boxes.element.querySelector("[data-xcnn=method-occlusion]")).toBe(box);
});
