"""Two models for the browser's tests: some answers change, some for the better, and their classes are in another order."""

PREPARE = r'''
import copy

def changed(network, by=1.0):
    """The same network with another head, whose classes are listed the other way round."""
    other, random = copy.deepcopy(network), torch.Generator().manual_seed(3)
    with torch.no_grad():
        weight, bias = other.head[2].weight, other.head[2].bias
        noise = torch.randn(weight.shape, generator=random)
        weight.copy_((weight + by * weight.std() * noise).flip(0))
        bias.copy_(bias.flip(0))
    return other

def said_by(network, names):
    inputs = torch.stack([ToTensor()(picture) for picture in MANY.values()])
    with torch.no_grad():
        values, found = network(inputs).softmax(1).max(1)
    return [names[index] for index in found.tolist()], values.tolist()

TWO = {"before": DISCERNING, "after": changed(DISCERNING)}
TWO_NAMES = {"before": NAMES, "after": NAMES[::-1]}
SAID = {name: said_by(network, TWO_NAMES[name]) for name, network in TWO.items()}
# By turns the first and the second are right.
TRUE = [SAID["before" if i % 2 else "after"][0][i] for i in range(len(MANY))]

def two_gallery(**choices):
    opening = {
        "page_size": 24, "methods": ["grad_cam"], "labels": TRUE, "controls_open": True, "colormap": "viridis"
    }
    return xw.GalleryWidget(TWO, MANY, TWO_NAMES, transform=ToTensor(), **{**opening, **choices})

def two_explorer(**choices):
    return xw.ExplainerWidget(TWO, PICTURES, TWO_NAMES, transform=ToTensor(), **choices)

def expected(what):
    """The names of the pictures that are shown, worked out from what the networks answer."""
    names, (b, _), (a, values) = list(MANY), SAID["before"], SAID["after"]
    right = [(x == t, y == t) for x, y, t in zip(b, a, TRUE)]
    passing = {
        "fixed": lambda i: right[i] == (False, True),
        "broken": lambda i: right[i] == (True, False),
        "wrong after": lambda i: not right[i][1],
        "changed": lambda i: b[i] != a[i],
    }
    if what == "confident after":
        return [names[i] for i in sorted(range(len(names)), key=lambda i: -values[i])]
    return [name for i, name in enumerate(names) if passing[what](i)]
'''
