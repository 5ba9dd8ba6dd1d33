/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Voltage reference buffer of the STM32L4 (RM0351 chapter 21).
 *
 * Modelled: both voltages with VRR and its start-up time, high impedance; the voltage on VREF+ is what ADC and DAC
 * refer to. Stored only: TRIM.
 *
 * Not confirmed: outside of buffer mode VREF+ is on VDDA (3.3 V), as boards have it, so the buffer drives against it in
 * vain on packages without a VREF+ pin of their own: here it wins.
 */
#include "stm32_vrefbuf.h"

#include "model.h"

#define VREFBUF_CSR      0x00u
#define VREFBUF_CCR      0x04u
#define VREFBUF_CSR_ENVR 0x1u
#define VREFBUF_CSR_HIZ  0x2u
#define VREFBUF_CSR_VRS  0x4u
#define VREFBUF_CSR_VRR  0x8u

/* RM0351 21.3 */
static const struct reg_desc vrefbuf_regs[] = {
    {VREFBUF_CSR, "CSR", VREFBUF_CSR_HIZ, 0x00000007u, 0, 0, VREFBUF_CSR_VRR},
    {VREFBUF_CCR, "CCR", 0, 0x0000003fu, 0, 0, 0},
};

static const char *const vrefbuf_inputs[] = {"clk", "rst", NULL};
static const char *const vrefbuf_outputs[] = {"vref", NULL}; /* microvolts; 0: VREF+ is on VDDA */

struct vrefbuf_state {
    uint32_t csr, ccr;
    uint32_t ready;
};
_Static_assert(sizeof(struct vrefbuf_state) == 12, "state of VREFBUF");

static void drive(struct device *dev)
{
    const struct vrefbuf_state *s = dev->state;
    /* RM0351 21.2: the buffer drives with ENVR = 1 and HIZ = 0 */
    bool on = (s->csr & (VREFBUF_CSR_ENVR | VREFBUF_CSR_HIZ)) == VREFBUF_CSR_ENVR && s->ready != 0;
    uint32_t uv = (s->csr & VREFBUF_CSR_VRS) != 0 ? 2500000u : 2048000u;
    dev_output(dev, 0, on ? uv : 0);
}

static uint32_t vrefbuf_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct vrefbuf_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    uint32_t word = reg->offset == VREFBUF_CCR ? s->ccr : s->csr | (s->ready != 0 ? VREFBUF_CSR_VRR : 0);
    return reg_lane_read(word, offset, size);
}

static void vrefbuf_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct vrefbuf_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t *word = reg->offset == VREFBUF_CCR ? &s->ccr : &s->csr;
    uint32_t old = *word;
    *word = reg_written(reg, old, reg_lane_merge(0, offset, size, value), reg_lane_mask(offset, size));
    if (reg->offset == VREFBUF_CCR)
        return;
    if ((s->csr & VREFBUF_CSR_ENVR) == 0) {
        s->ready = 0;
        dev_event_cancel(dev, 0);
    } else if (((old ^ s->csr) & (VREFBUF_CSR_ENVR | VREFBUF_CSR_VRS)) != 0) {
        s->ready = 0;
        dev_event_after(dev, 0, 300u * PS_PER_US); /* DS10198, tSTART with 0.5 uF */
    }
    drive(dev);
}

static void vrefbuf_reset(struct device *dev, enum reset_kind kind)
{
    struct vrefbuf_state *s = dev->state;
    const struct stm32_vrefbuf_params *params = dev->params;
    (void)kind;

    *s = (struct vrefbuf_state){.csr = VREFBUF_CSR_HIZ, .ccr = params->trim};
    dev_event_cancel(dev, 0);
    drive(dev);
}

static void vrefbuf_on_event(struct device *dev, uint32_t event)
{
    struct vrefbuf_state *s = dev->state;
    (void)event;
    s->ready = 1;
    drive(dev);
}

const struct device_model stm32_vrefbuf_model = {
    .name = "stm32_vrefbuf",
    .state_size = sizeof(struct vrefbuf_state),
    .regs = vrefbuf_regs,
    .reg_count = ARRAY_LENGTH(vrefbuf_regs),
    .inputs = vrefbuf_inputs,
    .outputs = vrefbuf_outputs,
    .event_count = 1,
    .reset = vrefbuf_reset,
    .read = vrefbuf_read,
    .write = vrefbuf_write,
    .on_event = vrefbuf_on_event,
};
