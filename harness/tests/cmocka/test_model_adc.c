/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file ADC of the STM32L476, by RM0351 chapter 18. The ADC clock is 40 MHz: a cycle takes 25 ns. */
#include "fake_host.h"
#include "models/stm32_adc_v2.h"

#define NS    1000ull
#define US    1000000ull
#define CYCLE (25u * NS)

#define ISR    0x00u
#define IER    0x04u
#define CR     0x08u
#define CFGR   0x0cu
#define CFGR2  0x10u
#define SMPR1  0x14u
#define TR1    0x20u
#define SQR1   0x30u
#define DR     0x40u
#define JSQR   0x4cu
#define OFR1   0x60u
#define JDR1   0x80u
#define DIFSEL 0xb0u
#define CSR    0x300u
#define CCR    0x308u
#define CDR    0x30cu
#define ADC2   0x100u

#define ADRDY 0x001u
#define EOSMP 0x002u
#define EOC   0x004u
#define EOS   0x008u
#define OVR   0x010u
#define JEOC  0x020u
#define JEOS  0x040u
#define AWD1  0x080u

#define ADEN     0x00000001u
#define ADSTART  0x00000004u
#define JADSTART 0x00000008u
#define ADSTP    0x00000010u
#define VREGEN   0x10000000u
#define ADCAL    0x80000000u
#define JQDIS    0x80000000u

/* inputs and outputs */
#define CLK        0u
#define DONE1      6u
#define TRG(n)     (12u + (n))
#define PIN(c)     (44u + (c) - 1u)
#define IRQ12      0u
#define DMA1       2u
#define CLOSED(uv) ((1ull << 32) | (uv))

static const struct stm32_adc_v2_params params = {1212000u, 747500u, 3300000u, 0x3au};

static struct fake_host *create(void)
{
    struct fake_host *h = fake_create(&stm32_adc_v2_model, &params);
    h->input[CLK] = 40000000u;
    fake_power_on(h);
    fake_write(h, CCR, 1u << 16); /* HCLK / 1 */
    return h;
}

static void enable(struct fake_host *h, uint32_t unit)
{
    fake_write(h, unit + CR, 0);
    fake_write(h, unit + CR, VREGEN);
    fake_run(h, 20u * US);
    fake_write(h, unit + CR, VREGEN | ADEN);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, unit + ISR), ADRDY);
    fake_write(h, unit + ISR, ADRDY);
}

/** ADC1 enabled, channel 5 alone, 2.5 cycles of sampling. */
static struct fake_host *ready(void)
{
    struct fake_host *h = create();
    enable(h, 0);
    fake_write(h, SQR1, 5u << 6);
    return h;
}

static uint32_t convert_uv(struct fake_host *h, uint32_t uv)
{
    fake_set_input(h, PIN(5), CLOSED(uv));
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 15u * CYCLE);
    return fake_read(h, DR);
}

static void it_starts_with_regulator_calibration_and_ready_flag(void **state)
{
    (void)state;
    struct fake_host *h = create();
    assert_int_equal(fake_read(h, CR), 0x20000000u); /* RM0351 18.7.3 */
    fake_write(h, CR, 0);
    fake_write(h, CR, VREGEN);
    fake_write(h, CR, VREGEN | ADCAL); /* too early: 20 us */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_run(h, 116u * CYCLE - 1u);
    assert_int_equal(fake_read(h, CR), VREGEN | ADCAL);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, CR), VREGEN);
    assert_int_equal(fake_read(h, 0xb4u), 0x3au);
    fake_run(h, 20u * US);
    fake_write(h, CR, VREGEN | ADCAL);
    fake_run(h, 116u * CYCLE);
    fake_write(h, CR, VREGEN | ADEN); /* within four cycles of the calibration: not taken */
    assert_int_equal(fake_read(h, CR), VREGEN);
    fake_run(h, 4u * CYCLE);
    fake_write(h, CR, VREGEN | ADEN);
    assert_int_equal(fake_read(h, CR), VREGEN | ADEN);
    assert_int_equal(fake_read(h, ISR), 0);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, ISR), ADRDY);
    fake_write(h, CR, VREGEN | 2u); /* ADDIS */
    fake_run(h, US);
    assert_int_equal(fake_read(h, CR), VREGEN);
    fake_destroy(h);
}

static void a_conversion_takes_sampling_plus_12_and_a_half_cycles(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, IER, EOC);
    fake_set_input(h, PIN(5), CLOSED(1650000u));
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 62499u); /* 2.5 cycles are 62.5 ns */
    assert_int_equal(fake_read(h, ISR), 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, ISR), EOSMP);
    fake_set_input(h, PIN(5), CLOSED(0)); /* it was sampled */
    fake_run(h, 312499u);
    assert_int_equal(fake_read(h, ISR), EOSMP);
    assert_int_equal(fake_read(h, CR), VREGEN | ADEN | ADSTART);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, ISR), EOSMP | EOC | EOS);
    assert_int_equal(fake_read(h, CR), VREGEN | ADEN);
    assert_int_equal(h->output[IRQ12], 1);
    assert_int_equal(fake_read(h, DR), 2048u);
    assert_int_equal(fake_read(h, ISR), EOSMP | EOS);
    assert_int_equal(h->output[IRQ12], 0);
    /* 640.5 cycles at 6 bits: 640.5 + 6.5 = 647 cycles = 16.175 us */
    fake_write(h, SMPR1, 7u << 15);
    fake_write(h, CFGR, JQDIS | 3u << 3);
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 16174999u);
    assert_int_equal(fake_read(h, ISR) & EOC, 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, ISR) & EOC, EOC);
    fake_destroy(h);
}

static void codes_are_4096_steps_of_vref(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    assert_int_equal(convert_uv(h, 0), 0);
    assert_int_equal(convert_uv(h, 3300000u), 4095u);
    assert_int_equal(convert_uv(h, 402u), 0); /* half an LSB is 402.8 uV */
    assert_int_equal(convert_uv(h, 403u), 1u);
    assert_int_equal(convert_uv(h, 1000000u), 1241u); /* 1241.2 */
    fake_set_input(h, PIN(5), 1000000u);              /* the pin's analog switch is open */
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, US);
    assert_int_equal(fake_read(h, DR), 0);
    fake_destroy(h);
}

static void resolution_alignment_and_offset_shape_the_data(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CFGR, JQDIS | 1u << 3); /* 10 bits: 1241 / 4 */
    assert_int_equal(convert_uv(h, 1000000u), 310u);
    fake_write(h, CFGR, JQDIS | 1u << 5); /* left: 1241 << 4 */
    assert_int_equal(convert_uv(h, 1000000u), 0x4d90u);
    fake_write(h, CFGR, JQDIS | 1u << 5 | 3u << 3); /* 6 bits, left: (1241 >> 6) << 2 */
    assert_int_equal(convert_uv(h, 1000000u), 76u);
    fake_write(h, CFGR, JQDIS);
    fake_write(h, OFR1, 0x80000000u | 5u << 26 | 2000u);
    assert_int_equal(convert_uv(h, 1000000u), 0xfd09u); /* 1241 - 2000 = -759 */
    fake_write(h, CFGR, JQDIS | 1u << 5);               /* -759 << 3 = -6072 */
    assert_int_equal(convert_uv(h, 1000000u), 0xe848u);
    fake_destroy(h);
}

static void internal_channels_have_the_typical_voltages(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CCR, 1u << 16 | 7u << 22);
    fake_write(h, SQR1, 2u | 0u << 6 | 17u << 12 | 18u << 18);
    uint32_t data[3];
    fake_write(h, CR, VREGEN | ADSTART);
    for (uint32_t i = 0; i < 3u; i++) {
        fake_run(h, 15u * CYCLE);
        data[i] = fake_read(h, DR);
    }
    assert_int_equal(data[0], 1504u); /* 1.212 / 3.3 * 4096 = 1504.3 */
    assert_int_equal(data[1], 928u);  /* 0.7475 V: 927.8 */
    assert_int_equal(data[2], 1365u); /* 1.1 V: 1365.3 */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_write(h, CCR, 1u << 16);
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, DR), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void differential_channels_have_their_zero_in_the_middle(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, DIFSEL, 1u << 5);
    enable(h, 0);
    fake_write(h, SQR1, 5u << 6);
    fake_set_input(h, PIN(6), CLOSED(1650000u));
    assert_int_equal(convert_uv(h, 1650000u), 2048u);
    assert_int_equal(convert_uv(h, 3300000u), 3072u); /* (1.65 + 3.3) / 6.6 * 4096 */
    assert_int_equal(convert_uv(h, 0), 1024u);
    fake_destroy(h);
}

static void data_that_nobody_read_are_an_overrun(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CFGR, JQDIS | 1u << 13); /* CONT */
    fake_set_input(h, PIN(5), CLOSED(1650000u));
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 15u * CYCLE);
    fake_set_input(h, PIN(5), CLOSED(3300000u));
    assert_int_equal(fake_read(h, ISR) & OVR, 0);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, ISR) & OVR, OVR);
    assert_int_equal(fake_read(h, DR), 2048u); /* OVRMOD = 0: the old data stay */
    fake_write(h, CR, VREGEN | ADSTP);
    fake_run(h, US);
    assert_int_equal(fake_read(h, CR), VREGEN | ADEN);
    fake_write(h, ISR, 0x7ffu);
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR), 0); /* it stands */
    fake_write(h, CFGR, JQDIS | 3u << 12);  /* OVRMOD = 1 */
    fake_set_input(h, PIN(5), CLOSED(0));
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 15u * CYCLE);
    fake_set_input(h, PIN(5), CLOSED(3300000u));
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, ISR) & OVR, OVR);
    assert_int_equal(fake_read(h, DR), 4095u);
    fake_destroy(h);
}

static void auto_delay_waits_until_the_data_are_read(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CFGR, JQDIS | 3u << 13); /* CONT, AUTDLY */
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 100u * US);
    assert_int_equal(fake_read(h, ISR), EOSMP | EOC | EOS);
    (void)fake_read(h, DR);
    fake_run(h, 15u * CYCLE - 1u);
    assert_int_equal(fake_read(h, ISR) & EOC, 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, ISR) & (EOC | OVR), EOC);
    fake_destroy(h);
}

static void discontinuous_groups_wait_for_their_triggers(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, SQR1, 2u | 5u << 6 | 6u << 12 | 7u << 18);
    /* two conversions a trigger, rising edges of trigger 13 (TIM6_TRGO) */
    fake_write(h, CFGR, JQDIS | 1u << 17 | 1u << 16 | 1u << 10 | 13u << 6 | 1u << 12);
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR), 0);
    h->device.model->on_input(&h->device, TRG(13), 4u); /* a pulse */
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR) & (EOC | EOS), EOC);
    h->device.model->on_input(&h->device, TRG(12), 4u); /* another trigger */
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR) & EOS, 0);
    h->device.model->on_input(&h->device, TRG(13), 4u); /* the third of three */
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, ISR) & EOS, EOS);
    assert_int_equal(fake_read(h, CR), VREGEN | ADEN | ADSTART);
    fake_destroy(h);
}

static void an_injected_sequence_goes_first_and_the_regular_one_goes_on(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_set_input(h, PIN(5), CLOSED(1000000u));
    fake_set_input(h, PIN(6), CLOSED(2000000u));
    fake_write(h, JSQR, 6u << 8);
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 10u * CYCLE);
    fake_write(h, CR, VREGEN | JADSTART);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, ISR), EOSMP | JEOC | JEOS);
    assert_int_equal(fake_read(h, CR), VREGEN | ADEN | ADSTART);
    assert_int_equal(fake_read(h, JDR1), 2482u); /* 2482.4 */
    assert_int_equal(fake_read(h, ISR), EOSMP | JEOS);
    fake_run(h, 15u * CYCLE); /* the regular conversion is made anew */
    assert_int_equal(fake_read(h, ISR), EOSMP | JEOS | EOC | EOS);
    assert_int_equal(fake_read(h, DR), 1241u);
    fake_write(h, CFGR, JQDIS | 1u << 25); /* JAUTO: injected behind regular */
    fake_write(h, ISR, 0x7ffu);
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 30u * CYCLE);
    assert_int_equal(fake_read(h, ISR), EOSMP | JEOC | JEOS | EOC | EOS);
    fake_destroy(h);
}

static void oversampling_sums_rounds_and_shifts(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_set_input(h, PIN(5), CLOSED(1000000u));
    fake_write(h, CFGR2, 1u | 3u << 2); /* 16 conversions, no shift: 16 * 1241 */
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 16u * 15u * CYCLE - 1u);
    assert_int_equal(fake_read(h, ISR) & EOC, 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, DR), 19856u);
    fake_write(h, CFGR2, 1u | 3u << 2 | 5u << 5); /* shift 5: 620.5, rounded up */
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 16u * 15u * CYCLE);
    assert_int_equal(fake_read(h, DR), 621u);
    fake_destroy(h);
}

static void the_analog_watchdog_fires_outside_its_window(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, TR1, 1241u << 16 | 1000u);
    fake_write(h, CFGR, JQDIS | 1u << 23);
    (void)convert_uv(h, 1000000u); /* 1241: the threshold is inside */
    assert_int_equal(fake_read(h, ISR) & AWD1, 0);
    (void)convert_uv(h, 1001000u); /* 1242.4 */
    assert_int_equal(fake_read(h, ISR) & AWD1, AWD1);
    fake_write(h, ISR, AWD1);
    (void)convert_uv(h, 805000u); /* 999.2 */
    assert_int_equal(fake_read(h, ISR) & AWD1, AWD1);
    fake_write(h, ISR, AWD1);
    fake_write(h, CFGR, JQDIS | 3u << 22 | 6u << 26); /* channel 6 alone */
    (void)convert_uv(h, 0);
    assert_int_equal(fake_read(h, ISR) & AWD1, 0);
    fake_destroy(h);
}

static void dma_is_asked_for_each_data_and_ends_a_one_shot(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CFGR, JQDIS | 1u << 13 | 1u); /* CONT, DMAEN, one shot */
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(h->output[DMA1], 1);
    (void)fake_read(h, DR);
    assert_int_equal(h->output[DMA1], 0);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(h->output[DMA1], 1);
    (void)fake_read(h, DR);
    fake_set_input(h, DONE1, 1); /* that was the last transfer */
    fake_run(h, 100u * US);
    assert_int_equal(h->output[DMA1], 0);
    assert_int_equal(fake_read(h, ISR) & (EOC | OVR), 0);
    fake_destroy(h);
}

static void an_interleaved_slave_samples_after_the_delay(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, CCR, 1u << 16 | 2u << 14 | 4u << 8 | 7u); /* MDMA of 32 bits, delay 5 cycles */
    enable(h, 0);
    enable(h, ADC2);
    fake_write(h, SQR1, 5u << 6);
    fake_write(h, ADC2 + SQR1, 5u << 6);
    fake_write(h, CFGR, JQDIS | 1u << 13);
    fake_set_input(h, PIN(5), CLOSED(1000000u));
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, CSR), EOC | EOS | EOSMP | EOSMP << 16);
    fake_set_input(h, PIN(5), CLOSED(0));
    fake_run(h, 187499u); /* 7.5 cycles: 2.5 + 5 + 15 in all */
    assert_int_equal(fake_read(h, CSR) & EOC << 16, 0);
    assert_int_equal(h->output[DMA1], 0);
    fake_run(h, 1u);
    assert_int_equal(h->output[DMA1], 1);
    assert_int_equal(fake_read(h, CDR), 1241u << 16 | 1241u);
    assert_int_equal(h->output[DMA1], 0);
    fake_run(h, 15u * CYCLE); /* both go on */
    assert_int_equal(h->output[DMA1], 1);
    assert_int_equal(fake_read(h, CDR), 0);
    assert_int_equal(fake_read(h, CSR) & (OVR | OVR << 16), 0);
    fake_destroy(h);
}

static void simultaneous_slaves_start_with_their_master(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, CCR, 1u << 16 | 6u);
    enable(h, 0);
    enable(h, ADC2);
    fake_write(h, SQR1, 5u << 6);
    fake_write(h, ADC2 + SQR1, 6u << 6);
    fake_set_input(h, PIN(5), CLOSED(1000000u));
    fake_set_input(h, PIN(6), CLOSED(2000000u));
    fake_write(h, CR, VREGEN | ADSTART);
    assert_int_equal(fake_read(h, ADC2 + CR) & ADSTART, ADSTART);
    fake_run(h, 15u * CYCLE);
    assert_int_equal(fake_read(h, CDR), 2482u << 16 | 1241u);
    assert_int_equal(fake_read(h, ADC2 + CR) & ADSTART, 0);
    fake_destroy(h);
}

static void a_conversion_stands_still_without_its_clock(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CR, VREGEN | ADSTART);
    fake_run(h, 10u * CYCLE);
    fake_set_input(h, CLK, 0);
    fake_run(h, 100u * US);
    fake_set_input(h, CLK, 40000000u);
    fake_run(h, 5u * CYCLE - 1u);
    assert_int_equal(fake_read(h, ISR) & EOC, 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, ISR) & EOC, EOC);
    fake_destroy(h);
}

static void what_converts_is_not_reconfigured(void **state)
{
    (void)state;
    struct fake_host *h = ready();
    fake_write(h, CFGR, JQDIS | 1u << 13);
    fake_write(h, CR, VREGEN | ADSTART);
    fake_write(h, SQR1, 6u << 6);
    fake_write(h, CFGR, JQDIS);
    fake_write(h, CCR, 2u << 16);
    assert_int_equal(fake_read(h, SQR1), 5u << 6);
    assert_int_equal(fake_read(h, CFGR), JQDIS | 1u << 13);
    assert_int_equal(fake_read(h, CCR), 1u << 16);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 3);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_starts_with_regulator_calibration_and_ready_flag),
        T(a_conversion_takes_sampling_plus_12_and_a_half_cycles),
        T(codes_are_4096_steps_of_vref),
        T(resolution_alignment_and_offset_shape_the_data),
        T(internal_channels_have_the_typical_voltages),
        T(differential_channels_have_their_zero_in_the_middle),
        T(data_that_nobody_read_are_an_overrun),
        T(auto_delay_waits_until_the_data_are_read),
        T(discontinuous_groups_wait_for_their_triggers),
        T(an_injected_sequence_goes_first_and_the_regular_one_goes_on),
        T(oversampling_sums_rounds_and_shifts),
        T(the_analog_watchdog_fires_outside_its_window),
        T(dma_is_asked_for_each_data_and_ends_a_one_shot),
        T(an_interleaved_slave_samples_after_the_delay),
        T(simultaneous_slaves_start_with_their_master),
        T(a_conversion_stands_still_without_its_clock),
        T(what_converts_is_not_reconfigured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
