"""The compared networks in idiomatic PyTorch."""

import torch
from torch import nn
from torch.nn import functional as F


def conv_bn(inputs, outputs, kernel, *activation, **options):
    conv = nn.Conv1d(inputs, outputs, kernel, bias=False, **options)
    return nn.Sequential(conv, nn.BatchNorm1d(outputs, eps=1e-3, momentum=0.01), *activation)


class SqueezeExcite1d(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        self.reduce = nn.Conv1d(channels, channels // ratio, 1)
        self.expand = nn.Conv1d(channels // ratio, channels, 1)

    def forward(self, x):
        factor = x.mean(2, keepdim=True)
        factor = F.relu6(self.reduce(factor))
        return x * F.hardsigmoid(self.expand(factor))


class TcnBlock(nn.Module):
    """Repeated depthwise convolution, squeeze-excite and pointwise convolution."""

    def __init__(self, inputs, outputs, dilation, kernel=7, depth=2, ratio=4, dropout=0.1):
        super().__init__()
        layers, channels = [], inputs
        for _ in range(depth):
            wide = dict(groups=channels, dilation=dilation, padding=dilation * (kernel // 2))
            layers.append(conv_bn(channels, channels, kernel, nn.ReLU6(), **wide))
            layers.append(SqueezeExcite1d(channels, ratio))
            layers.append(conv_bn(channels, outputs, 1, nn.ReLU6()))
            channels = outputs
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout1d(dropout)
        self.residual = inputs == outputs

    def forward(self, x):
        y = self.layers(x)
        return self.dropout(x + y if self.residual else y)


class Tcn(nn.Module):
    """SleepKit's separable TCN in the configuration ss-4: `[N, 14, 240]` to `[N, 4, 240]`."""

    def __init__(self, channels=14, classes=4, widths=(16, 24, 32, 48, 64), kernel=7):
        super().__init__()
        self.encoder = conv_bn(channels, channels, kernel, groups=channels, padding=kernel // 2)
        pairs = zip((channels, *widths), widths)
        self.blocks = nn.Sequential(*[TcnBlock(i, o, 2**n) for n, (i, o) in enumerate(pairs)])
        self.head = nn.Conv1d(widths[-1], classes, kernel, padding=kernel // 2)

    def forward(self, x):
        return self.head(self.blocks(self.encoder(x)))


class MobileOneBlock(nn.Module):
    """The sum of parallel convolution branches, each with a batch norm."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, branches=4):
        super().__init__()

        def conv(kernel):
            conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(outputs))

        self.branches = nn.ModuleList([conv(kernel) for _ in range(branches)])
        self.scale = conv(1) if kernel > 1 else None
        self.identity = nn.BatchNorm2d(outputs) if stride == 1 and inputs == outputs else None

    def forward(self, x):
        y = 0
        for branch in self.branches:
            y = y + branch(x)
        if self.scale is not None:
            y = y + self.scale(x)
        if self.identity is not None:
            y = y + self.identity(x)
        return F.relu(y)


class MobileOne(nn.Module):
    """MobileOne-S0: `[N, 3, H, W]` to `[N, classes]`."""

    def __init__(self, classes=10, stem=48, widths=(48, 128, 256, 1024), depths=(2, 8, 10, 1), branches=4):
        super().__init__()
        layers, channels = [MobileOneBlock(3, stem, 3, 2, branches=1)], stem
        for width, depth in zip(widths, depths):
            for i in range(depth):
                stride = 2 if i == 0 else 1
                layers.append(MobileOneBlock(channels, channels, 3, stride, groups=channels, branches=branches))
                layers.append(MobileOneBlock(channels, width, 1, branches=branches))
                channels = width
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


class DoubleConv(nn.Sequential):
    def __init__(self, inputs, outputs, middle=None):
        middle = middle or outputs
        super().__init__(
            nn.Conv1d(inputs, middle, 3, padding=1, bias=False),
            nn.BatchNorm1d(middle),
            nn.ReLU(inplace=True),
            nn.Conv1d(middle, outputs, 3, padding=1, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(inplace=True),
        )


class Unet(nn.Module):
    """The widely used PyTorch U-Net for series, at a quarter of the width, with linear upsampling: `[N, 1, T]` to `[N, classes, T]`."""

    def __init__(self, channels=1, classes=4, base=16):
        super().__init__()
        widths = [base, 2 * base, 4 * base, 8 * base, 8 * base]
        self.inc = DoubleConv(channels, base)
        self.down = nn.ModuleList([DoubleConv(i, o) for i, o in zip(widths, widths[1:])])
        narrow = [4 * base, 2 * base, base, base]
        self.up = nn.ModuleList([DoubleConv(2 * w, n, w) for w, n in zip(widths[3::-1], narrow)])
        self.outc = nn.Conv1d(base, classes, 1)

    def forward(self, x):
        levels = [self.inc(x)]
        for down in self.down:
            levels.append(down(F.max_pool1d(levels[-1], 2)))
        x = levels.pop()
        for up in self.up:
            x = F.interpolate(x, scale_factor=2, mode="linear", align_corners=True)
            x = up(torch.cat([levels.pop(), x], 1))
        return self.outc(x)


# Name: network, shape of a sample, number of classes, batch size, shape of a sample's labels.
NETWORKS = {
    "ss-4": (Tcn, (14, 240), 4, 128, (240,)),
    "mobileone-s0": (MobileOne, (3, 64, 64), 10, 32, ()),
    "unet-small-1d": (Unet, (1, 720), 4, 32, (720,)),
}
