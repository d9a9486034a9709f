// NVIDIA's management library, emulated along with the driver: the functions that the crate calls, for
// cards with the UUIDs and addresses of `driver.cpp`. Each draws 250 W at 61 degrees.
//
// BTPOW_EMULATED_SENSORS   `no-counter`: there is no energy counter; `none`: no sensor answers
// BTPOW_EMULATED_READINGS  a folder whose files are read at each question: `temperature0` has the
//                          degrees of the first card, `power1` the watts of the second, and one
//                          that is empty has a sensor that does not answer

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6 };
enum { MILLIWATTS = 250000, DEGREES = 61, MEGAHERTZ = 1830 };

static bool lacks(const char* sensor) {
    const char* setting = getenv("BTPOW_EMULATED_SENSORS");
    return setting && (!strcmp(setting, "none") || !strcmp(setting, sensor));
}

// A card is known by its number.
static int card(void** device, bool known, char number) {
    static char cards[10];
    if (!known || number < '0' || number > '9') return NOT_FOUND;
    char* card = &cards[number - '0'];
    *card = number;
    *device = card;
    return SUCCESS;
}

// What a sensor of a card says, unless a file says something else.
static int reading(void* device, const char* sensor, unsigned otherwise, unsigned* value) {
    *value = otherwise;
    if (lacks(sensor)) return NOT_SUPPORTED;
    const char* folder = getenv("BTPOW_EMULATED_READINGS");
    if (!folder) return SUCCESS;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%c", folder, sensor, *static_cast<char*>(device));
    FILE* file = fopen(path, "r");
    if (!file) return SUCCESS;
    bool is_told = fscanf(file, "%u", value) == 1;
    fclose(file);
    return is_told ? SUCCESS : NOT_SUPPORTED;
}

extern "C" {

int nvmlInit_v2() { return SUCCESS; }
int nvmlShutdown() { return SUCCESS; }
const char* nvmlErrorString(int) { return "an emulated error"; }
int nvmlSystemGetDriverVersion(char* version, unsigned length) {
    snprintf(version, length, "550.54.15");
    return SUCCESS;
}
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
    return card(device, !strncmp(uuid, "GPU-1", 5), uuid[5]);
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
    return card(device, !strncmp(id, "0000:6", 6), char(id[6] - '5' + '0'));
}
int nvmlDeviceGetTemperature(void* device, int, unsigned* degrees) {
    return reading(device, "temperature", DEGREES, degrees);
}
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
    int code = reading(device, "power", MILLIWATTS / 1000, milliwatts);
    *milliwatts *= 1000;
    return code;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
    std::chrono::duration<double> age = std::chrono::steady_clock::now().time_since_epoch();
    *millijoules = static_cast<unsigned long long>(age.count() * MILLIWATTS);
    return lacks("no-counter") ? NOT_SUPPORTED : SUCCESS;
}
int nvmlDeviceGetClockInfo(void*, int, unsigned* megahertz) {
    *megahertz = MEGAHERTZ;
    return SUCCESS;
}
}
