/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Shared by the files of the USART model, and by nobody else. */
#ifndef TWINBANK_MODELS_STM32_USART_V3_PRIVATE_H
#define TWINBANK_MODELS_STM32_USART_V3_PRIVATE_H

#include "model.h"
#include "stm32_usart_v3.h"

#define USART_CR1   0x00u
#define USART_CR2   0x04u
#define USART_CR3   0x08u
#define USART_BRR   0x0cu
#define USART_GTPR  0x10u
#define USART_RTOR  0x14u
#define USART_RQR   0x18u
#define USART_ISR   0x1cu
#define USART_ICR   0x20u
#define USART_RDR   0x24u
#define USART_TDR   0x28u
#define USART_WORDS 11u

#define USART_CR1_UE       0x00000001u
#define USART_CR1_UESM     0x00000002u
#define USART_CR1_RE       0x00000004u
#define USART_CR1_TE       0x00000008u
#define USART_CR1_RXNEIE   0x00000020u
#define USART_CR1_PEIE     0x00000100u
#define USART_CR1_PS       0x00000200u
#define USART_CR1_PCE      0x00000400u
#define USART_CR1_WAKE     0x00000800u
#define USART_CR1_M0       0x00001000u
#define USART_CR1_MME      0x00002000u
#define USART_CR1_CMIE     0x00004000u
#define USART_CR1_OVER8    0x00008000u
#define USART_CR1_RTOIE    0x04000000u
#define USART_CR1_EOBIE    0x08000000u
#define USART_CR1_M1       0x10000000u
#define USART_CR2_ADDM7    0x00000010u
#define USART_CR2_LBDIE    0x00000040u
#define USART_CR2_LBCL     0x00000100u
#define USART_CR2_CPHA     0x00000200u
#define USART_CR2_CPOL     0x00000400u
#define USART_CR2_CLKEN    0x00000800u
#define USART_CR2_LINEN    0x00004000u
#define USART_CR2_SWAP     0x00008000u
#define USART_CR2_RXINV    0x00010000u
#define USART_CR2_TXINV    0x00020000u
#define USART_CR2_DATAINV  0x00040000u
#define USART_CR2_MSBFIRST 0x00080000u
#define USART_CR2_ABREN    0x00100000u
#define USART_CR2_ABRMODE  0x00600000u
#define USART_CR2_RTOEN    0x00800000u
#define USART_CR2_ADD      0xff000000u
#define USART_CR3_EIE      0x00000001u
#define USART_CR3_IREN     0x00000002u
#define USART_CR3_HDSEL    0x00000008u
#define USART_CR3_SCEN     0x00000020u
#define USART_CR3_DMAR     0x00000040u
#define USART_CR3_DMAT     0x00000080u
#define USART_CR3_RTSE     0x00000100u
#define USART_CR3_CTSE     0x00000200u
#define USART_CR3_CTSIE    0x00000400u
#define USART_CR3_OVRDIS   0x00001000u
#define USART_CR3_DDRE     0x00002000u
#define USART_CR3_DEM      0x00004000u
#define USART_CR3_DEP      0x00008000u
#define USART_CR3_WUFIE    0x00400000u

#define USART_ISR_PE    0x00000001u
#define USART_ISR_FE    0x00000002u
#define USART_ISR_NE    0x00000004u
#define USART_ISR_ORE   0x00000008u
#define USART_ISR_IDLE  0x00000010u
#define USART_ISR_RXNE  0x00000020u
#define USART_ISR_TC    0x00000040u
#define USART_ISR_TXE   0x00000080u
#define USART_ISR_LBDF  0x00000100u
#define USART_ISR_CTSIF 0x00000200u
#define USART_ISR_CTS   0x00000400u
#define USART_ISR_RTOF  0x00000800u
#define USART_ISR_ABRE  0x00004000u
#define USART_ISR_ABRF  0x00008000u
#define USART_ISR_CMF   0x00020000u
#define USART_ISR_SBKF  0x00040000u
#define USART_ISR_RWU   0x00080000u
#define USART_ISR_WUF   0x00100000u
#define USART_ISR_TEACK 0x00200000u
#define USART_ISR_REACK 0x00400000u
/* Flags of ICR: in ICR as in ISR (RM0351 40.8.9). */
#define USART_ICR_CLEARS 0x00121b5fu

#define USART_RQR_ABRRQ 0x00000001u
#define USART_RQR_SBKRQ 0x00000002u
#define USART_RQR_MMRQ  0x00000004u
#define USART_RQR_RXFRQ 0x00000008u
#define USART_RQR_TXFRQ 0x00000010u

enum usart_input {
    USART_IN_CLK,
    USART_IN_RST,
    USART_IN_KER, /* kernel clock, Hz */
    USART_IN_RX,  /* serial frames */
    USART_IN_TX_AF,
    USART_IN_RX_AF,
    USART_IN_TX_AF2, /* a signal has up to three pins */
    USART_IN_TX_AF3,
    USART_IN_RX_AF2,
    USART_IN_RX_AF3,
    USART_IN_RX_SWAPPED, /* serial frames on the pins of TX, for SWAP */
    USART_IN_CTS,        /* level of nCTS; released counts as low: send */
    USART_IN_STOP,       /* which Stop mode the chip is in, plus 1; 0: awake */
    USART_IN_RX_PIN,     /* of synchronous mode: levels and synchronous frames */
};

enum usart_output {
    USART_OUT_TX, /* serial frames, at the end of the stop bit */
    USART_OUT_IRQ,
    USART_OUT_DMA_TX, /* requests, as levels */
    USART_OUT_DMA_RX,
    USART_OUT_TX_SWAPPED, /* serial frames on the pins of RX, for SWAP */
    USART_OUT_RTS,        /* pin levels; released while not in use */
    USART_OUT_DE,
    USART_OUT_CK, /* of synchronous mode, as RX_PIN; released in others */
    USART_OUT_TX_PIN,
};

enum usart_event {
    USART_EVENT_TX,      /* the frame being sent ends */
    USART_EVENT_IDLE,    /* the line has been quiet for long enough */
    USART_EVENT_TIMEOUT, /* and for as long as RTOR says */
    USART_EVENT_CLOCK,   /* a burst of the synchronous clock begins or ends */
    USART_EVENT_COUNT,
};

enum usart_sending {
    SENDING_NOTHING,
    SENDING_IDLE,
    SENDING_DATA,
    SENDING_BREAK,
};

/* The two signals that SWAP exchanges. */
enum usart_signal {
    USART_SIGNAL_TX,
    USART_SIGNAL_RX,
};

struct usart_state {
    uint64_t last_rx_ps; /* end of the last frame received */
    uint32_t word[USART_WORDS];
    uint32_t sending; /* enum usart_sending */
    uint32_t shift;   /* what is being sent */
    uint32_t tdr_full;
    uint32_t preamble;   /* 1: an idle frame comes first */
    uint32_t pin_told;   /* 1: firmware was told of the wrong pin function */
    uint32_t clock_told; /* 1: and of the missing clock */
    uint32_t idle_armed; /* 1: IDLE may be set: a frame came since it was last */
    uint32_t de_on;      /* 1: the driver is enabled */
    uint32_t cycles;     /* of the synchronous clock in the burst under way */
};

/* stm32_usart_v3.c */
uint32_t usart_word_bits(const struct usart_state *s);
/** Bits a second, rounded; 0 without a clock or with BRR too small. */
uint32_t usart_baud(const struct device *dev);
/** Duration of `halves` half bits, of a frame with its stop bits; TIME_NEVER without a clock. */
uint64_t usart_halves_ps(const struct device *dev, uint64_t halves);
uint64_t usart_frame_ps(const struct device *dev);
/** True if one of the signal's pins is in its alternate function, or if no wire says. */
bool usart_pin_selected(const struct device *dev, enum usart_signal signal);
/** Interrupt, requests and the like, after whatever may have changed them. */
void usart_update(struct device *dev);
/** Value with its lowest `count` bits in reverse order, the others kept. */
uint32_t usart_reverse(uint32_t value, uint32_t count);
static inline uint32_t usart_cr1(const struct usart_state *s)
{
    return s->word[USART_CR1 / 4u];
}
static inline uint32_t usart_cr2(const struct usart_state *s)
{
    return s->word[USART_CR2 / 4u];
}
static inline uint32_t usart_cr3(const struct usart_state *s)
{
    return s->word[USART_CR3 / 4u];
}
static inline bool usart_in_stop(const struct device *dev)
{
    return dev_input(dev, USART_IN_STOP) != 0;
}

/* stm32_usart_v3_tx.c */
bool usart_transmitter_on(const struct usart_state *s);
bool usart_cts_allows(const struct device *dev);
/** Moves on to what is to be sent next: a break, the data register, or nothing. */
void usart_next_frame(struct device *dev);
void usart_frame_sent(struct device *dev);
void usart_write_tdr(struct device *dev, uint32_t value);
void usart_cts_changed(struct device *dev);
/** What is being sent as the line carries it: MSBFIRST and DATAINV done. */
uint64_t usart_frame_on_line(const struct device *dev, uint32_t data_bits, bool parity);

/* stm32_usart_v3_rx.c */
void usart_receive(struct device *dev, uint64_t frame);
void usart_line_idle(struct device *dev);
void usart_receiver_timeout(struct device *dev);
void usart_request_mute(struct device *dev);
/** Level of the line in bit n of a frame, the start bit being 0; idle high after the last. */
uint32_t usart_line_bit(uint64_t frame, uint32_t n);
/** A word from the line by another way than an asynchronous frame. */
void usart_receive_line(struct device *dev, uint32_t line);

/* stm32_usart_v3_sync.c */
static inline bool usart_is_synchronous(const struct usart_state *s)
{
    return (usart_cr2(s) & USART_CR2_CLKEN) != 0;
}
/** A data frame begins: the clock will follow. */
void usart_sync_frame_begins(struct device *dev, uint64_t start_delay_ps);
void usart_sync_clock_due(struct device *dev);
/** Levels of CK and TX between the bursts. */
void usart_sync_drive(struct device *dev);

#endif
