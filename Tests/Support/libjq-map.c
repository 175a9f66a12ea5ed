/* What libjq takes for a map: `libjq-map PROGRAM DOCUMENT` prints the microseconds of one run over the document read, and of reading it,
   running and writing what comes out. Each is the median of nine rounds, as `millwright bench map` has it.

   cc -O2 -o libjq-map libjq-map.c -ljq */
#include <jq.h>
#include <jv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { rounds = 9, runs = 4000 };

static double microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One run; answers how many values came out. */
static int run(jq_state *program, jv input, int writes) {
    int outputs = 0;
    jv output;
    jq_start(program, input, 0);
    while (jv_is_valid(output = jq_next(program))) {
        outputs++;
        jv_free(writes ? jv_dump_string(output, 0) : output);
    }
    jv_free(output);
    return outputs;
}

static double median(jq_state *program, const char *document, int from_bytes) {
    double times[rounds];
    jv event = jv_parse(document);
    for (int round = 0; round < rounds; round++) {
        double start = microseconds();
        for (int i = 0; i < runs; i++) {
            if (run(program, from_bytes ? jv_parse(document) : jv_copy(event), from_bytes) != 1) exit(3);
        }
        times[round] = (microseconds() - start) / runs;
    }
    jv_free(event);
    qsort(times, rounds, sizeof times[0], ascending);
    return times[rounds / 2];
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    jq_state *program = jq_init();
    if (!program || !jq_compile(program, arguments[1])) return 1;
    printf("%.2f %.2f\n", median(program, arguments[2], 0), median(program, arguments[2], 1));
    jq_teardown(&program);
    return 0;
}
