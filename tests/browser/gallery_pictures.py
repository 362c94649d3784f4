"""What the gallery's tests run in the kernel first: a network that tells pictures apart, and a gate in it."""

PREPARE = r'''
from collections.abc import Sequence
from xcnn_widgets.study.drawing import Looks, drawn_page

class Gate:
    """Lets the gallery's own thread through batch by batch, and whoever calls from a cell at once."""
    def __init__(self):
        self.open()
    def open(self):
        self.closed, self.permits = False, getattr(self, "permits", threading.Semaphore(0))
        self.permits.release(1000)
    def close(self):
        self.closed, self.permits = True, threading.Semaphore(0)
    def let_through(self, batches):
        self.permits.release(batches)
    def enter(self):
        if self.closed and threading.current_thread() is not threading.main_thread():
            self.permits.acquire()

GATE = Gate()

class GatedNetwork(nn.Sequential):
    def forward(self, x):
        GATE.enter()
        return super().forward(x)

def discerning(pictures):
    """A network whose answers on these pictures differ as much as they can."""
    network = GatedNetwork(OrderedDict(small_model(4).named_children()))
    inputs = torch.stack([ToTensor()(picture) for picture in pictures])
    with torch.no_grad():
        features = network.head[:2](network[:4](inputs))
        # A channel that is never alive tells nothing.
        weight = 2 * torch.randn(len(NAMES), features.shape[1]) / features.std(0).clamp(min=1e-3)
        network.head[2].weight.copy_(weight)
        network.head[2].bias.copy_(-weight @ features.mean(0))
        return network, network(inputs).softmax(1)

MANY = {f"{name} {i}": scene(8 * j + i) for j, name in enumerate(["ant", "bee", "cow"]) for i in range(8)}
DISCERNING, ANSWERS = discerning(list(MANY.values()))
PREDICTED = ANSWERS.argmax(1).tolist()
# Every second one is wrong.
LABELS = [(p + i % 2) % len(NAMES) for i, p in enumerate(PREDICTED)]

def gallery(images=MANY, model=DISCERNING, **choices):
    opening = {
        "page_size": 5, "colormap": "viridis", "opacity": 0.5, "controls_open": True, "blend": "even", "painted": "heat"
    }
    return xw.GalleryWidget(model, images, NAMES, transform=ToTensor(), **{**opening, **choices})

class Lazy(Sequence):
    """Pictures that are made when they are opened, which is written down."""
    def __init__(self, count):
        self.count, self.opened = count, []
    def __len__(self):
        return self.count
    def __getitem__(self, index):
        if not 0 <= index < self.count:
            raise IndexError(index)
        self.opened.append(index)
        return scene(index, 24, 36)

def encoded(picture):
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()

def drawn(widget, display="heatmap", opacity=0.5, colormap="viridis", common_range=False, blend="even", style="heat"):
    """What Python draws of each row of the page, by method."""
    rows, looks = widget.finished_rows(), Looks(
        display, opacity, colormap, common_range, blend, style
    )
    return [
        {"picture": encoded(picture), **{name: encoded(tile) for name, tile in tiles.items()}}
        for _, picture, tiles in drawn_page(rows, widget.work.exploration, looks)
    ]
'''
