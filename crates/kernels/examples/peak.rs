//! scratch bench
use kernels::*;
use std::time::Instant;
struct Peak(usize);
impl Kernel for Peak {
    type Output = f32;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> f32 {
        let b = s.splat(std::hint::black_box(0.999));
        let c = s.splat(std::hint::black_box(0.001));
        let mut a = [s.splat(1.0); 12];
        for _ in 0..self.0 {
            for v in &mut a {
                *v = s.mul_add(*v, b, c);
            }
        }
        a.iter().map(|v| s.sum(*v)).sum()
    }
}
struct C<'a>(Conv, &'a [Lanes], View, &'a [[Lanes; 16]], Epilogue<'a>, &'a mut [Lanes], View, Part);
impl Kernel for C<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        conv(s, &self.0, (self.1, self.2), self.3, &self.4, (self.5, self.6), &self.7)
    }
}
struct D<'a>(Depthwise, &'a [Lanes], View, &'a [Lanes], Epilogue<'a>, &'a mut [Lanes], View, Part);
impl Kernel for D<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        depthwise(s, &self.0, (self.1, self.2), self.3, &self.4, (self.5, self.6), &self.7)
    }
}
fn time(mut f: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..7 {
        let t = Instant::now();
        f();
        best = best.min(t.elapsed().as_secs_f64());
    }
    best
}
fn main() {
    for level in Level::all() {
        let n = 1_000_000;
        let t = time(|| {
            std::hint::black_box(level.run(Peak(n)));
        });
        let peak = n as f64 * 12.0 * 32.0 / t / 1e9;
        println!("{level} peak {peak:.0}");
        for (ib, ob, h, w, k) in [
            (4, 4, 56, 56, 3),
            (8, 8, 28, 28, 3),
            (16, 16, 14, 14, 3),
            (32, 32, 7, 7, 3),
            (4, 16, 1, 3136, 1),
            (16, 64, 1, 196, 1),
            (2, 4, 1, 240, 1),
            (4, 2, 1, 240, 1),
            (1, 1, 1, 240, 1),
            (128, 64, 1, 1, 1),
        ] {
            let kh = if h == 1 { 1 } else { k };
            let (mh, mw) = (kh / 2, k / 2);
            let pitch = w + 2 * mw;
            let plane = pitch * (h + 2 * mh);
            let x = vec![Lanes([0.5; 16]); ib * plane];
            let wt = vec![[Lanes([0.01f32; 16]); 16]; ob * ib * kh * k];
            let bias = vec![Lanes::ZERO; ob];
            let mut y = vec![Lanes::ZERO; ob * h * w];
            let flops = 2.0 * 256.0 * (ib * ob * h * w * kh * k) as f64;
            let reps = ((5e8 / flops) as usize).max(1);
            let t = time(|| {
                for _ in 0..reps {
                    level.run(C(
                        Conv { blocks: ib, last_lanes: 16, taps: [kh, k], dilation: [1, 1], stride: [1, 1] },
                        &x,
                        View { origin: 0, plane, pitch, step: 1 },
                        &wt,
                        Epilogue {
                            bias: &bias,
                            residual: None,
                            function: Function::Clamp { low: 0.0, high: f32::INFINITY },
                        },
                        &mut y,
                        View::plain(h, w),
                        Part { blocks: 0..ob, rows: 0..h, width: w },
                    ));
                    std::hint::black_box(&y);
                }
            });
            println!("  conv {ib}x{ob} {h}x{w} k{k}: {:.0}%", 100.0 * flops * reps as f64 / t / 1e9 / peak);
        }
        for (b, h, w, kh, k) in [(4, 1, 240, 1, 7), (2, 1, 240, 1, 7), (6, 56, 56, 3, 3), (36, 14, 14, 5, 5)]
        {
            let (mh, mw) = (kh / 2, k / 2);
            let pitch = w + 2 * mw;
            let plane = pitch * (h + 2 * mh);
            let x = vec![Lanes([0.5; 16]); b * plane];
            let wt = vec![Lanes([0.01f32; 16]); b * kh * k];
            let bias = vec![Lanes::ZERO; b];
            let mut y = vec![Lanes::ZERO; b * h * w];
            let flops = 2.0 * 16.0 * (b * h * w * kh * k) as f64;
            let reps = ((2e8 / flops) as usize).max(1);
            for f in [Function::Identity, Function::Silu] {
                let t = time(|| {
                    for _ in 0..reps {
                        level.run(D(
                            Depthwise { taps: [kh, k], dilation: [1, 1], stride: [1, 1] },
                            &x,
                            View { origin: 0, plane, pitch, step: 1 },
                            &wt,
                            Epilogue { bias: &bias, residual: None, function: f },
                            &mut y,
                            View::plain(h, w),
                            Part { blocks: 0..b, rows: 0..h, width: w },
                        ));
                        std::hint::black_box(&y);
                    }
                });
                println!(
                    "  depthwise {b} {h}x{w} k{kh}x{k} {f:?}: {:.0}%",
                    100.0 * flops * reps as f64 / t / 1e9 / peak
                );
            }
        }
    }
}
